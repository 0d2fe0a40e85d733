import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { MODEL_FAILURE_CODES } from '../../src/model/model-failure.ts';

it('the README of the assistant lists each failure of a language model, and no other', () => {
  const readme = readFileSync(join(import.meta.dirname, '../../../README.md'), 'utf8');
  const section = readme.split('### What can go wrong')[1]?.split('\n## ')[0] ?? '';
  const listed = [...section.matchAll(/^\| `(\w+)`/gm)].map(([, code]) => code);
  expect(listed.toSorted()).toEqual(MODEL_FAILURE_CODES.toSorted());
});
