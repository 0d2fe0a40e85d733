import { MAX_CELLS } from './cell-limit.ts';
import type { RawRow } from './records.ts';

/** A line that is not CSV. Reading goes on with the line after it, so that one stray quote costs one row and not the rest of the file. */
export interface BrokenLine {
  number: number;
  reason: string;
  text: string;
}

/** Rows between two words on how far it is. */
const ROWS_BETWEEN = 4096;

/**
 * Cells by RFC 4180: fields may be quoted, with the separator, line breaks and doubled quotes inside; lines end with CR LF, LF or CR. Blank lines
 * are skipped, space around fields is not part of them, a quote inside an unquoted field is kept as it is.
 * Ends with `tooMany` above `MAX_CELLS`. `onRows` hears the share of the text that has been read.
 */
export function splitCsv(
  text: string,
  separator: string,
  onRows: (share: number) => void = () => undefined,
): { rows: RawRow[]; broken: BrokenLine[]; tooMany: boolean } {
  const rows: RawRow[] = [];
  const broken: BrokenLine[] = [];
  let position = 0;
  let line = 1;
  let cells = 0;
  while (position < text.length) {
    if (cells > MAX_CELLS) return { rows, broken, tooMany: true };
    if (rows.length % ROWS_BETWEEN === 0) onRows(position / text.length);
    const record = readRecord(text, position, separator);
    if ('reason' in record) {
      const end = endOfLine(text, position);
      broken.push({ number: line, reason: record.reason, text: text.slice(position, end) });
      position = afterLineBreak(text, end);
      line += 1;
      continue;
    }
    if (record.cells.length > 1 || record.cells[0] !== '') rows.push({ number: line, cells: record.cells });
    cells += record.cells.length;
    position = afterLineBreak(text, record.end);
    line += record.breaks + 1;
  }
  return { rows, broken, tooMany: cells > MAX_CELLS };
}

interface ReadRecord {
  cells: string[];
  /** Where its line break, or the end of the text, is. */
  end: number;
  /** Line breaks inside its quoted fields. */
  breaks: number;
}

function readRecord(text: string, start: number, separator: string): ReadRecord | { reason: string } {
  const cells: string[] = [];
  let position = start;
  let breaks = 0;
  for (;;) {
    position = skipBlanks(text, position, separator);
    if (text[position] === '"') {
      const field = readQuoted(text, position);
      if (field === undefined) return { reason: 'a quoted field is never closed' };
      position = skipBlanks(text, field.end, separator);
      if (!endsField(text, position, separator)) return { reason: 'a quoted field goes on after its closing quote' };
      cells.push(field.value);
      breaks += field.value.match(/\r\n|\n|\r/g)?.length ?? 0;
    } else {
      const begin = position;
      while (!endsField(text, position, separator)) position += 1;
      cells.push(text.slice(begin, position).trimEnd());
    }
    if (text[position] !== separator) return { cells, end: position, breaks };
    position += 1;
  }
}

/** The field whose opening quote is at `start`; `end` is behind its closing quote. Undefined when there is none. */
function readQuoted(text: string, start: number): { value: string; end: number } | undefined {
  let from = start + 1;
  for (;;) {
    const close = text.indexOf('"', from);
    if (close === -1) return undefined;
    if (text[close + 1] !== '"') return { value: text.slice(start + 1, close).replaceAll('""', '"'), end: close + 1 };
    from = close + 2;
  }
}

function skipBlanks(text: string, start: number, separator: string): number {
  let position = start;
  while ((text[position] === ' ' || text[position] === '\t') && text[position] !== separator) position += 1;
  return position;
}

function endsField(text: string, position: number, separator: string): boolean {
  const char = text[position];
  return char === undefined || char === separator || char === '\n' || char === '\r';
}

function endOfLine(text: string, start: number): number {
  let position = start;
  while (position < text.length && text[position] !== '\n' && text[position] !== '\r') position += 1;
  return position;
}

function afterLineBreak(text: string, end: number): number {
  return text[end] === '\r' && text[end + 1] === '\n' ? end + 2 : end + 1;
}
