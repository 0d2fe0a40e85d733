import { MAX_CELLS, tooManyCells } from './cell-limit.ts';
import { elementsIn, isObject } from './json-elements.ts';
import type { Cell, RawRow, Records, Unreadable } from './records.ts';
import { accept, quote, refuse, type Outcome } from './refusal.ts';

type JsonObject = Record<string, unknown>;

/** Levels of objects within an element that become columns. */
const MOST_NESTING = 2;

const EXPECTED = 'an array of objects, {"data": [objects]}, or one object per line';

/** Reads JSON that holds a table in one of the shapes of `elementsIn`, or JSON lines. */
export function readJson(text: string): Outcome<Records> {
  let whole: unknown;
  try {
    whole = JSON.parse(text);
  } catch (error) {
    return readJsonLines(text, error);
  }
  const elements = elementsIn(whole);
  if (elements !== undefined) return fromElements(elements, 'json', (index) => index + 1);
  // One JSON line alone is valid JSON too: a table of a single row.
  if (isObject(whole)) return fromElements([whole], 'jsonl', () => 1);
  return refuse('not_a_table', `This JSON is not a table. Send ${EXPECTED}.`, EXPECTED, quote(text));
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
  if (read.ok) read.value.unreadable = [...read.value.unreadable, ...broken];
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
  if (names.length * flattened.length > MAX_CELLS) {
    return tooManyCells(`${flattened.length} rows with ${names.length} columns`);
  }
  const rows: RawRow[] = flattened.map(({ number, cells }) => ({
    number,
    cells: names.map((name) => cells.get(name) ?? ''),
  }));
  return accept({ format, numbering, header: names, rows, unreadable });
}

/** Objects within become `outer.inner`, as in `usage.prompt_tokens_details.cached_tokens`; what is deeper or a list stays JSON text. */
function flatten(element: JsonObject): Map<string, Cell> {
  const cells = new Map<string, Cell>();
  const add = (of: JsonObject, prefix: string, depth: number): void => {
    for (const [name, value] of Object.entries(of)) {
      if (isObject(value) && depth < MOST_NESTING) add(value, `${prefix}${name}.`, depth + 1);
      else cells.set(`${prefix}${name}`, cellOf(value));
    }
  };
  add(element, '', 0);
  return cells;
}

function cellOf(value: unknown): Cell {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  return JSON.stringify(value);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
