const ESC = String.fromCharCode(0x1b);
const BEL = String.fromCharCode(0x07);
const CSI = String.fromCharCode(0x9b);

/** Control sequences of ECMA-48: CSI, OSC and other strings with their terminator, two-character escapes. */
const sequences = new RegExp(
  [
    `(?:${ESC}\\[|${CSI})[0-?]*[ -/]*[@-~]`,
    `${ESC}\\][^${BEL}${ESC}]*(?:${BEL}|${ESC}\\\\)?`,
    `${ESC}[PX^_][^${ESC}]*(?:${ESC}\\\\)?`,
    `${ESC}[ -/]*[0-~]`,
  ].join('|'),
  'g',
);

/** Control characters, and the format characters that reorder text or pass for a line end. Joiners of emoji stay. */
const control = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;
const controls = new RegExp(control, 'gu');

/**
 * A line as a person may be shown it: no terminal sequences, no control characters, tabs as blanks. Of a line that was
 * written over itself (carriage returns of a progress bar) the last writing stays, as on a terminal.
 */
export function cleanLine(line: string): string {
  if (!control.test(line)) return line.trimEnd();
  const text = line.includes(ESC) || line.includes(CSI) ? line.replace(sequences, '') : line;
  const written = text.includes('\r') ? (text.split('\r').findLast((part) => part.trim() !== '') ?? '') : text;
  return written.replaceAll('\t', ' ').replace(controls, '').trimEnd();
}
