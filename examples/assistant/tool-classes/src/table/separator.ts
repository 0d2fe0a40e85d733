const SEPARATORS = [',', ';', '\t', '|'] as const;
export type Separator = (typeof SEPARATORS)[number];

/** Lines looked at to tell the separator; enough to outvote a stray character in one field. */
const SAMPLE_LINES = 20;

/**
 * The separator that cuts most of the first lines into the same number of cells (two or more), outside quotes; the first line may be a title.
 * Undefined when none does: the text is then not a table with separators.
 */
export function detectSeparator(text: string): Separator | undefined {
  const lines = sampleLines(text);
  let best: { separator: Separator; agreeing: number; cells: number } | undefined;
  for (const separator of SEPARATORS) {
    const counts = lines.map((line) => countOutsideQuotes(line, separator) + 1);
    for (const cells of new Set(counts)) {
      if (cells < 2) continue;
      const agreeing = counts.filter((count) => count === cells).length;
      if (best === undefined || agreeing > best.agreeing || (agreeing === best.agreeing && cells > best.cells)) {
        best = { separator, agreeing, cells };
      }
    }
  }
  return best?.separator;
}

/** First lines that are not blank; a line break inside quotes does not end a line. */
function sampleLines(text: string): string[] {
  const lines: string[] = [];
  let start = 0;
  let quoted = false;
  for (let index = 0; index <= text.length && lines.length < SAMPLE_LINES; index += 1) {
    const char = text[index];
    if (char === '"') quoted = !quoted;
    const lineEnds = char === undefined || (!quoted && (char === '\n' || char === '\r'));
    if (!lineEnds) continue;
    const line = text.slice(start, index);
    if (line.trim() !== '') lines.push(line);
    start = index + 1;
  }
  return lines;
}

function countOutsideQuotes(line: string, separator: string): number {
  let quoted = false;
  let count = 0;
  for (const char of line) {
    if (char === '"') quoted = !quoted;
    else if (char === separator && !quoted) count += 1;
  }
  return count;
}
