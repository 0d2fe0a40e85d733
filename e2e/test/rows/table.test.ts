import { expect, test } from 'vitest';
import type { RowResult } from '../../src/rows/row-result.ts';
import { tableOf, withTable } from '../../src/rows/table.ts';

const first: RowResult = {
  group: 'Redis',
  fault: 'FLUSHALL',
  injected: 1,
  survived: true,
  recoveryMs: 1_240,
  saw: 'a | b',
};

test('runs of a row are one line: injections are counted, the longest recovery stands, and one failure is a failure', () => {
  const table = tableOf([
    first,
    { ...first, fault: 'frozen', recoveryMs: undefined },
    { ...first, recoveryMs: 9_960, survived: false },
  ]);
  expect(table.split('\n').slice(2)).toEqual([
    '| Redis | FLUSHALL | 2 | **no** | 10.0 s | a \\| b |',
    '| Redis | frozen | 1 | yes |  | a \\| b |',
  ]);
});

test('the table takes the place of the one before, and nothing else', () => {
  const document = 'before\n<!-- faults -->\nold $1\n<!-- /faults -->\nafter\n';
  const written = withTable(document, 'new $1');
  expect(written).toBe('before\n<!-- faults -->\nnew $1\n<!-- /faults -->\nafter\n');
  expect(withTable(written, 'new $1')).toBe(written);
  expect(() => withTable('no place', 'x')).toThrow(/faults/);
});
