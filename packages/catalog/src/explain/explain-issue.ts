import type { z } from 'zod';
import { nearestName } from '@reveille/orchestration';
import type { Path } from '../yaml/source-map.ts';
import { describeValue, describeType, valueAt } from './describe-value.ts';
import { knownKeys } from './known-keys.ts';

type Issue = z.core.$ZodIssue;

/** A fault of the schema in words. `at` says whether the key or its value is to be pointed at. */
export type SchemaFault = {
  path: Path;
  at: 'key' | 'value';
  found: string;
  expected: string;
  /** The key that was probably meant by an unknown one. */
  meant?: string;
};

/** What a schema issue means to the author of the catalog. `root` is the value that was read. */
export function explainIssue(issue: Issue, root: unknown, base: Path = []): SchemaFault[] {
  const path: Path = [...base, ...issue.path.map((step) => (typeof step === 'number' ? step : String(step)))];
  const value = valueAt(root, path);
  const one = (expected: string, found = describeValue(value, path)): SchemaFault[] => [
    { path, at: 'value', found, expected },
  ];
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => {
        const keys = knownKeys(path);
        const meant = nearestName(key, keys);
        const expected = meant === undefined ? `one of ${keys.join(', ')}` : `a known key (did you mean "${meant}"?)`;
        const fault: SchemaFault = { path: [...path, key], at: 'key', found: `the unknown key "${key}"`, expected };
        return meant === undefined ? fault : { ...fault, meant };
      });
    case 'invalid_key':
      return [
        {
          path,
          at: 'key',
          found: `the name "${String(path.at(-1))}"`,
          expected: issue.issues[0]?.message ?? 'another name',
        },
      ];
    case 'invalid_union':
      return explainUnion(issue, root, path);
    case 'invalid_type':
      return one(describeType(issue.expected, value));
    case 'invalid_value':
      return one(issue.values.map((each) => JSON.stringify(each)).join(' or '));
    case 'invalid_format':
      return one(
        issue.message.startsWith('Invalid') ? `text that matches ${issue.pattern ?? issue.format}` : issue.message,
      );
    case 'too_small':
      return one(
        issue.inclusive === false ? `more than ${issue.minimum}` : `at least ${amount(issue.minimum, issue.origin)}`,
        lengthOf(value),
      );
    case 'too_big':
      return one(
        issue.inclusive === false ? `less than ${issue.maximum}` : `at most ${amount(issue.maximum, issue.origin)}`,
        lengthOf(value),
      );
    case 'custom': {
      const [, expected, found] = /^(.*?) is expected(?:, found (.*))?$/.exec(issue.message) ?? [];
      return one(expected ?? issue.message, found ?? (expected === undefined ? undefined : 'none or several'));
    }
    case 'not_multiple_of':
    case 'invalid_element':
      return one(issue.message);
  }
}

/**
 * Of a value with several forms: when it has the outer shape of one form (a mapping, a text), the faults within that form; when it has
 * the shape of none, all forms in one line.
 */
function explainUnion(issue: Issue & { code: 'invalid_union' }, root: unknown, path: Path): SchemaFault[] {
  const forms = issue.errors.map((issues) => issues.map((inner) => ({ ...inner }) as Issue));
  const near = forms
    .filter((issues) => !issues.some((inner) => inner.path.length === 0 && isOfOtherShape(inner)))
    .toSorted((one, other) => one.length - other.length)[0];
  if (near !== undefined) return near.flatMap((inner) => explainIssue(inner, root, path));
  const expected = forms.flatMap((issues) => issues.slice(0, 1).flatMap((inner) => explainIssue(inner, root, path)));
  const words = [...new Set(expected.map((fault) => fault.expected))].join(', or ');
  return [{ path, at: 'value', found: describeValue(valueAt(root, path), path), expected: words }];
}

function isOfOtherShape(issue: Issue): boolean {
  return issue.code === 'invalid_type' || issue.code === 'invalid_value';
}

function amount(bound: number | bigint, origin: string): string {
  const unit = { string: 'character', array: 'item', set: 'item', map: 'entry' }[origin];
  return unit === undefined ? `${bound}` : `${bound} ${unit}${Number(bound) === 1 ? '' : 's'}`;
}

function lengthOf(value: unknown): string | undefined {
  if (typeof value === 'string' || Array.isArray(value)) return value.length === 0 ? 'an empty one' : `${value.length}`;
  return undefined;
}
