import type { JsonObject } from '../tools/tool-results.ts';

/** Elements of a list that a model is shown, and characters of a text: enough to write from, and a bound on every prompt. */
const MOST_ELEMENTS = 24;
const MOST_CHARACTERS = 300;

/** What a model is shown of a tool's result. The whole of it goes to the user; row numbers and time buckets are many. */
export function shownResult(whole: JsonObject): JsonObject {
  return shown(whole) as JsonObject;
}

function shown(value: unknown, key = ''): unknown {
  // The handle of the table is of use to nobody who reads, and made of digits.
  if (key === 'ref') return undefined;
  if (typeof value === 'string') return value.length > MOST_CHARACTERS ? `${value.slice(0, MOST_CHARACTERS)}…` : value;
  if (Array.isArray(value)) {
    const elements = value.slice(0, MOST_ELEMENTS).map((element) => shown(element));
    return value.length > MOST_ELEMENTS ? [...elements, '(there are more)'] : elements;
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, shown(inner, name)]));
}
