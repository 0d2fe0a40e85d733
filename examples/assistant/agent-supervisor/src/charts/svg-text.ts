/** Characters of a label; the result has names whole. */
const MOST_CHARACTERS = 28;
const MOST_CODE_UNITS = 120;

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A text as it may stand in an SVG document, between tags and within quotes: names come from users. */
export function svgText(text: string): string {
  // What XML does not allow at all, escaped or not.
  const allowed = text.toWellFormed().replace(/[\p{Cc}\ufffe\uffff]/gu, ' ');
  return allowed.replace(/[&<>"']/g, (sign) => ESCAPES[sign] ?? '');
}

/** The same, cut to the length of a label; never within a character. */
export function svgLabel(text: string): string {
  // One character may be thousands of marks on one letter: the length in code units has a bound too.
  const characters = [...new Intl.Segmenter().segment(text.slice(0, MOST_CODE_UNITS))].map(({ segment }) => segment);
  if (characters.length <= MOST_CHARACTERS && text.length <= MOST_CODE_UNITS) return svgText(text);
  return svgText(`${characters.slice(0, MOST_CHARACTERS - 1).join('')}…`);
}
