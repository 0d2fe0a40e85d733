/** Longest name quoted in a text; results carry names whole. */
const QUOTED_CHARACTERS = 60;

/** A phrase by which stand-ins are known; see the content rules of the catalog. */
const STAND_IN_MARK = /(degraded\s+f)(?=unctionality)/gi;

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
const INVISIBLE = /[\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]/gu;

/**
 * A text that quotes what the user wrote, ended within the first mark of a stand-in: names may rightly contain one, but in a text of ours
 * it would look like the mark itself.
 */
export function cutMark(text: string): string {
  const [before, mark] = text.normalize('NFKC').replace(INVISIBLE, '').split(STAND_IN_MARK);
  return mark === undefined ? (before ?? '') : `${before}${mark}…`;
}
