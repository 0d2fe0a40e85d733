import { parseArgs } from 'node:util';

export type Options = { readonly only: readonly string[]; readonly quick: boolean; readonly json: boolean };

/** @throws Error in words for the user when an option is wrong */
export function readOptions(args: readonly string[], names: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string', multiple: true, default: [] },
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  const only = values.only.flatMap((value) => value.split(','));
  const unknown = only.filter((name) => !names.includes(name));
  if (unknown.length > 0) throw new Error(`There is no figure ${unknown.join(', ')}. There are: ${names.join(', ')}.`);
  return { only, quick: values.quick, json: values.json };
}
