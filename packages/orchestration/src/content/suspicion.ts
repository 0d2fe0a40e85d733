/** A text condition in the form in which it is compared. */
export type Mark = { readonly kind: 'equals' | 'startsWith' | 'contains'; readonly folded: string };

/**
 * Anything but ASCII that shows and characters whose folded form holds no ASCII: Latin letters with accents (not ß, which folds to
 * ss), dashes, quotes, bullets, arrows, signs of mathematics, the euro, Cyrillic, kana, CJK. In a text without others, a run of ASCII
 * letters in the folded form is the same run in the text, but for its case.
 */
const beyondInert =
  /[^\t\n\r\x20-\x7e\xa1-\xa7\xa9\xab\xac\xae\xb0\xb1\xb6\xb7\xbb\xbf-\xde\xe0-\xff\u2013\u2014\u2018-\u201e\u2020-\u2022\u20ac\u2190-\u22ff\u0400-\u0482\u048a-\u04ff\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fff]/;
const plain = /^[\x21-\x7e]*$/;

/**
 * Could a text meet one of these marks? Never says no to one that does, and says yes to few others, so that most texts need not be
 * folded: a text that meets a mark holds the first word of it, or any word of it, as it is. Folding joins and splits no words of
 * the texts that are judged here; the others are suspected.
 */
export function suspicionOf(marks: readonly Mark[]): (text: string) => boolean {
  const heads = new Set<string>();
  const words = new Set<string>();
  for (const { kind, folded } of marks) {
    if (kind === 'contains') words.add(longest(folded.split(' ')));
    else heads.add(folded.split(' ', 1)[0] ?? '');
  }
  if (![...heads, ...words].every((word) => plain.test(word))) return () => true;
  return (text) => {
    if (beyondInert.test(text)) return true;
    const lower = text.toLowerCase();
    if (heads.size > 0 && startsWithOne(lower.trimStart(), heads)) return true;
    for (const word of words) if (lower.includes(word)) return true;
    return false;
  };
}

function startsWithOne(text: string, heads: Iterable<string>): boolean {
  for (const head of heads) if (text.startsWith(head)) return true;
  return false;
}

function longest(words: readonly string[]): string {
  return words.reduce((one, other) => (other.length > one.length ? other : one), '');
}
