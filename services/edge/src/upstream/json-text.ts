import type { Json } from '@reveille/orchestration';

/** Deeper values could exhaust the stack of whatever reads them next; nobody needs them. */
export const maximumDepth = 64;

/** A parsed text, or why not. `too_deep`: it is JSON, nested deeper than `maximumDepth`. */
export type Parsed = { ok: true; json: Json } | { ok: false; why: 'not_json' | 'too_deep' };

/** Parses JSON from outside. Keys such as `__proto__` become own properties and nothing more. */
export function parseJson(text: string): Parsed {
  let json: Json;
  try {
    json = JSON.parse(text) as Json;
  } catch {
    // Expected of strangers: the caller says what follows from it.
    return { ok: false, why: 'not_json' };
  }
  return isDeeper(json, maximumDepth) ? { ok: false, why: 'too_deep' } : { ok: true, json };
}

/** Not recursive, so that what it guards against cannot hurt it. */
function isDeeper(json: Json, depth: number): boolean {
  const open: { value: Json; level: number }[] = [{ value: json, level: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, level } = next;
    if (typeof value !== 'object' || value === null) continue;
    if (level >= depth) return true;
    for (const inner of Object.values(value)) open.push({ value: inner, level: level + 1 });
  }
  return false;
}
