import type { Cell, RawRow, Records, Unreadable } from './records.ts';
import { accept, quote, refuse, type Outcome } from './refusal.ts';

type JsonObject = Record<string, unknown>;

const EXPECTED = 'an array of objects, {"data": [objects]}, or one object per line';

/** Reads an array of objects, an object that wraps one such array (`data`, `rows`, …), or JSON lines. */
export function readJson(text: string): Outcome<Records> {
  let whole: unknown;
  try {
    whole = JSON.parse(text);
  } catch (error) {
    return readJsonLines(text, error);
  }
  const elements = arrayIn(whole);
  if (elements !== undefined) return fromElements(elements, 'json', (index) => index + 1);
  // One JSON line alone is valid JSON too: a table of a single row.
  if (isObject(whole)) return fromElements([whole], 'jsonl', () => 1);
  return refuse('not_a_table', `This JSON is not a table. Send ${EXPECTED}.`, EXPECTED, quote(text));
}

function arrayIn(value: unknown): unknown[] | undefined {
  if (Array.isArray(value)) return value;
  if (!isObject(value)) return undefined;
  const arrays = Object.values(value).filter((member) => Array.isArray(member));
  return arrays.length === 1 ? arrays[0] : undefined;
}

function readJsonLines(text: string, wholeError: unknown): Outcome<Records> {
  const elements: unknown[] = [];
  const numbers: number[] = [];
  const broken: Unreadable[] = [];
  for (const [index, line] of text.split(/\r\n|\n|\r/).entries()) {
    if (line.trim() === '') continue;
    try {
      elements.push(JSON.parse(line));
      numbers.push(index + 1);
    } catch (error) {
      broken.push({ number: index + 1, reason: `the line is not JSON: ${reasonOf(error)}`, found: quote(line) });
    }
  }
  if (broken.length >= elements.length) {
    return refuse(
      'not_a_table',
      `This is neither valid JSON nor JSON lines: ${reasonOf(wholeError)}.`,
      EXPECTED,
      quote(text),
    );
  }
  const read = fromElements(elements, 'jsonl', (index) => numbers[index] ?? 0);
  if (read.ok) read.value.unreadable.push(...broken);
  return read;
}

function fromElements(
  elements: unknown[],
  format: 'json' | 'jsonl',
  numberOf: (index: number) => number,
): Outcome<Records> {
  const numbering = format === 'json' ? 'element' : 'line';
  const header = new Map<string, number>();
  const unreadable: Unreadable[] = [];
  const flattened: { number: number; cells: Map<string, Cell> }[] = [];
  for (const [index, element] of elements.entries()) {
    if (!isObject(element)) {
      unreadable.push({ number: numberOf(index), reason: 'not an object', found: quote(JSON.stringify(element)) });
      continue;
    }
    const cells = flatten(element);
    for (const name of cells.keys()) if (!header.has(name)) header.set(name, header.size);
    flattened.push({ number: numberOf(index), cells });
  }
  if (elements.length > 0 && flattened.length === 0) {
    return refuse(
      'not_a_table',
      `This JSON holds no objects. Send ${EXPECTED}.`,
      EXPECTED,
      quote(JSON.stringify(elements[0])),
    );
  }
  const names = [...header.keys()];
  const rows: RawRow[] = flattened.map(({ number, cells }) => ({
    number,
    cells: names.map((name) => cells.get(name) ?? ''),
  }));
  return accept({ format, numbering, header: names, rows, unreadable });
}

/** One level of nesting becomes `outer.inner`, as in `usage.prompt_tokens`; what is deeper or a list stays JSON text. */
function flatten(element: JsonObject): Map<string, Cell> {
  const cells = new Map<string, Cell>();
  for (const [name, value] of Object.entries(element)) {
    if (isObject(value)) for (const [inner, deep] of Object.entries(value)) cells.set(`${name}.${inner}`, cellOf(deep));
    else cells.set(name, cellOf(value));
  }
  return cells;
}

function cellOf(value: unknown): Cell {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  return JSON.stringify(value);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
