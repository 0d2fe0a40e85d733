import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ledgerRecord } from '../../src/index.ts';
import { presentContracts } from './contracts.ts';
import { type Difference, differences, type Schema } from './differences.ts';

/**
 * The contracts of the version that a deployment may be upgraded from (docs/upgrading.md). Written anew when a version has been released, by
 * `REVEILLE_WRITE_CONTRACTS=1 npx vitest run --project contracts compatibility`: then `expected` below is empty again.
 */
const file = new URL('./previous.json', import.meta.url);
if (process.env['REVEILLE_WRITE_CONTRACTS']) writeFileSync(file, `${JSON.stringify(presentContracts(), null, 1)}\n`);
const previous = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Schema>;

/** What this version may write that the previous one does not know, and why that does no harm while both run. */
const expected: Record<string, string> = {
  // A relay that does not know the entry passes over it: edges read their plans again by themselves.
  'journalEntry.change: stop_requested is new': 'only an operator of a relay of this version asks for it',
  // A client that does not know the code goes on with its token until that ends, and then connects anew.
  'serverFrame(type rejected).code: unavailable is new': 'no message is rejected with it',
  'serverFrame(type error).code: unavailable is new':
    'clients take any code; it comes where they were closed for good before',
};

/** What the previous version took and this one refuses, and why nobody loses anything. */
const refused: Record<string, string> = {
  'catalog.services{}.start.module.path':
    'the previous version had no driver for modules; an empty path never named one',
  'catalog.services{}.start.module.export': 'likewise',
};

function all(): Difference[] {
  const present = presentContracts();
  return Object.entries(previous).flatMap(([name, schema]) => differences(schema, present[name] ?? {}, name));
}

test('whatever the previous version has written is read', () => {
  const unreadable = all().filter(({ kind }) => kind === 'unreadable');
  expect(unreadable.map(({ where }) => where)).toEqual(Object.keys(refused));
});

test('the previous version reads whatever this one writes, but for what is known to do no harm', () => {
  // A version refuses a catalog that has settings which it does not know: they are used once all processes are of the new one.
  const news = all().filter(({ kind, where }) => kind === 'news' && !where.startsWith('catalog'));
  expect(news.map(({ where, what }) => `${where}: ${what}`)).toEqual(Object.keys(expected));
});

test('each way to break a contract is found', () => {
  const of = (properties: Record<string, Schema>, required: string[] = []): Schema => ({
    ...{ type: 'object', properties, required },
  });
  const state = (...values: string[]): Schema => ({ type: 'string', enum: values });
  const number = { type: 'number' };
  const kinds = (before: Schema, now: Schema): string[] =>
    differences(before, now, 'x').map(({ kind, where, what }) => `${kind} ${where}: ${what}`);
  expect(kinds(of({ a: number }), of({ a: number, b: number }))).toEqual([]);
  expect(kinds(of({ a: number }), of({ a: number, b: number }, ['b']))).toEqual(['unreadable x: b must be there']);
  expect(kinds(of({ a: number }, ['a']), of({ a: number }))).toEqual(['news x: a may be left out']);
  expect(kinds(of({ a: state('on', 'off') }), of({ a: state('on', 'idle') }))).toEqual([
    ...['unreadable x.a: off is gone', 'news x.a: idle is new'],
  ]);
  expect(kinds(of({ a: number }), of({ a: { type: 'string' } }))).toEqual([
    'unreadable x.a: {"type":"number"} became {"type":"string"}',
  ]);
  const frame = (type: string): Schema => of({ type: { const: type } }, ['type']);
  expect(kinds({ oneOf: [frame('a'), frame('b')] }, { oneOf: [frame('b'), frame('c')] })).toEqual([
    ...['unreadable x: type a is gone', 'news x: type c is new'],
  ]);
  expect(kinds({ type: 'array', items: number }, { type: 'array', items: state('a') })).toHaveLength(1);
  const record = (additionalProperties: Schema): Schema => ({ type: 'object', additionalProperties });
  expect(kinds(record(state('on', 'off')), record(state('on')))).toEqual(['unreadable x{}: off is gone']);
});

test('a field that nobody knows yet is passed over, and another version of a record is none', () => {
  const record = {
    ...{ version: 1, instance: 'db~global', service: 'db', scope: { kind: 'global' }, scopeKey: 'global' },
    ...{ catalog: 'c', revision: 1, state: 'cold', generation: 1, attempt: 0, epoch: 0 },
    ...{ dependencies: [], dependents: [], timings: {} },
  };
  expect(ledgerRecord.parse({ ...record, later: { than: 'this' } })).toEqual(record);
  expect(ledgerRecord.safeParse({ ...record, version: 2 }).success).toBe(false);
});
