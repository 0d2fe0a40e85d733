/** Longest name quoted in a text; results carry names whole. */
const QUOTED_CHARACTERS = 60;

/** A phrase by which stand-ins are known; see the content rules of the catalog. */
const STAND_IN_MARK = /(degraded[\s\x85]+f)unct[iı]onal[iı]ty/gi;

/** A name from the user's table (a file, a model, a tag) as part of a text, set apart from our own words. */
export function quote(name: string): string {
  return `\`${onOneLine(name).replaceAll('`', "'").replaceAll('|', '/')}\``;
}

/** The same for a short word such as a currency, without setting it apart. */
export function plain(word: string): string {
  return onOneLine(word).replace(/[\\`*_{}[\]<>|~]/g, String.raw`\$&`);
}

/** On one line, cut when it is long. */
function onOneLine(name: string): string {
  const line = cutMark(name)
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim();
  return line.length > QUOTED_CHARACTERS ? `${line.slice(0, QUOTED_CHARACTERS - 1)}…` : line;
}

/** Characters that show nothing: a mark split by one of them is still that mark. */
const INVISIBLE = /[[\p{Cf}\p{Default_Ignorable_Code_Point}\u2800\p{Cc}]--[\s\x85]]/gv;

/** A name from the user in the form in which marks are looked for, ended within the first one that it has. */
export function cutMark(name: string): string {
  const [before, mark] = folded(name).split(STAND_IN_MARK);
  return mark === undefined ? (before ?? '') : `${before}${mark}…`;
}

/**
 * A whole text with each mark in it cut short: what it quotes may rightly contain one, but in a text of ours it would look like the mark itself.
 * A text without one stays as it is.
 */
export function withoutMarks(text: string): string {
  const form = folded(text);
  const cut = form.replace(STAND_IN_MARK, '$1…');
  return cut === form ? text : cut;
}

function folded(text: string): string {
  return text.replace(INVISIBLE, '').normalize('NFKC');
}
