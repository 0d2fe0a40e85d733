/** Anything but printable ASCII and the white space of Markdown and source text. */
const beyondAscii = /[^\t\n\r\x20-\x7e]/;
/** White space of such a text that is more than one plain space. */
const unevenAscii = /[\t\n\r][\t\n\r ]*| [\t\n\r ]+/g;

/**
 * Characters that show nothing: default-ignorable ones (zero-width spaces and joiners, variation selectors, fillers), format
 * characters, the empty braille pattern, and control characters other than white space.
 */
const invisible = /[\p{Default_Ignorable_Code_Point}\p{Cf}\u2800[\p{Cc}--[\s\x85]]]/gv;
/** Quick to search for: anything outside the blocks (Latin, Greek, Cyrillic, punctuation, CJK) that are known to hold none of them. */
const mayBeInvisible =
  /[^\t-\r -~\x85\xa0-\xac\xae-\u034e\u0350-\u05ff\u2010-\u2027\u2030-\u205e\u2070-\u27ff\u2900-\u3163\u3165-\ud7ff]/;

const anyWhiteSpace = /[\s\x85]+/g;
/** White space that is more than one plain space. */
const unevenWhiteSpace = /[\s\x85]{2}|[^\S ]|\x85/;

/**
 * The form in which texts are compared: without regard to case, Unicode form (NFKC), surrounding white space, the kind and length
 * of white space within, and characters that show nothing, so that a mark split by U+200B is still that mark.
 * Look-alikes of other scripts stay different.
 */
export function foldText(text: string): string {
  // Most frames: they need neither Unicode tables nor replacing.
  if (!beyondAscii.test(text)) return text.toLowerCase().replace(unevenAscii, ' ').trim();
  const visible = (mayBeInvisible.test(text) ? text.replace(invisible, '') : text).normalize('NFKC');
  // By way of upper case, since lower case alone keeps ß and SS apart, and begun with lower case, since upper case alone keeps ẞ
  // and SS apart. Which of its two forms a sigma takes depends on its neighbours.
  const oneCase = visible.toLowerCase().toUpperCase().toLowerCase().replaceAll('ς', 'σ').normalize('NFKC');
  return (unevenWhiteSpace.test(oneCase) ? oneCase.replace(anyWhiteSpace, ' ') : oneCase).trim();
}
