import type { Json } from './json.ts';

/**
 * Compiles `$`, then `.name` and `[0]` steps. Walking sees own properties of objects and elements of lists only: nothing that a
 * prototype lends, no `length` of a list.
 */
export function compilePath(path: string): (data: Json) => Json | undefined {
  const steps = [...path.matchAll(/\.([A-Za-z_][\w-]*)|\[(\d+)\]/g)].map(([, name, index]) => name ?? Number(index));
  return (data) => {
    let value: Json | undefined = data;
    for (const step of steps) {
      value = typeof step === 'number' ? elementOf(value, step) : propertyOf(value, step);
      if (value === undefined) return undefined;
    }
    return value;
  };
}

function elementOf(value: Json | undefined, index: number): Json | undefined {
  return isList(value) ? value[index] : undefined;
}

function propertyOf(value: Json | undefined, name: string): Json | undefined {
  if (typeof value !== 'object' || value === null || isList(value)) return undefined;
  return Object.hasOwn(value, name) ? value[name] : undefined;
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}
