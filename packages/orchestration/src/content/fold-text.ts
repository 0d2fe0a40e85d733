/** Anything but printable ASCII. */
const beyondAscii = /[^\x20-\x7e]/;

/**
 * Characters that show nothing: default-ignorable ones (zero-width spaces and joiners, variation selectors, fillers), format
 * characters, the empty braille pattern, and control characters other than white space.
 */
const invisible = /[\p{Default_Ignorable_Code_Point}\p{Cf}\u2800[\p{Cc}--[\s\x85]]]/gv;
const whiteSpace = /[\s\x85]+/gu;

/**
 * The form in which texts are compared: without regard to case, Unicode form (NFKC), surrounding white space, the kind and length
 * of white space within, and characters that show nothing, so that a mark split by U+200B is still that mark.
 * Look-alikes of other scripts stay different.
 */
export function foldText(text: string): string {
  // Most frames: they need neither Unicode tables nor replacing.
  if (!beyondAscii.test(text) && !text.includes('  ')) return text.toLowerCase().trim();
  const visible = text.replace(invisible, '').normalize('NFKC');
  // Upper case first unites what lower case alone keeps apart (ß and SS); the two forms of sigma depend on their neighbours.
  const oneCase = visible.toUpperCase().toLowerCase().replaceAll('ς', 'σ');
  return oneCase.normalize('NFKC').replace(invisible, '').replace(whiteSpace, ' ').trim();
}
