import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkCatalog } from '../../../src/plan/index.ts';
import { acyclic, catalogOf } from '../catalogs.ts';
import { faultsOf, reported, tools } from './refusal.ts';

test('a catalog whose fields agree has no faults', () => {
  expect(
    faultsOf(
      catalogOf(
        {
          tools: { endpoint: { port: 4001 }, update: 'manual' },
          threads: { scope: 'tenant', dependsOn: ['tools'], start: { module: { path: './threads.ts' } }, ...reported },
          bridge: {
            scope: 'user',
            dependsOn: ['threads', { service: 'tools', onChange: 'keep' }],
            start: {
              docker: {
                image: 'bridge:1',
                command: ['run', '{deps.threads.url}', '{user}', '{port}'],
                env: { LOG_LEVEL: 'info' },
              },
            },
            endpoint: { port: 80 },
            ready: { log: { pattern: '^listening' } },
          },
        },
        {
          chat: {
            service: 'bridge',
            allowedOrigins: ['https://app.example.com', 'http://localhost:5173', '*'],
            authenticity: {
              forbid: [{ path: '$', equals: '' }, { path: '$.a', matches: 'b+' }, { schema: { type: 'null' } }],
            },
          },
        },
      ),
    ),
  ).toEqual([]);
});

test('any catalog without circles and with defaults has no faults', () => {
  fc.assert(fc.property(acyclic, (catalog) => void expect(checkCatalog(catalog, tools)).toEqual([])));
});

test('faults of every kind are told at once', () => {
  const catalog = catalogOf(
    {
      a: { dependsOn: ['a', 'gone'], deadlineMs: 500, ready: { log: { pattern: '(?=' } } },
      b: { endpoint: { port: 'reported' } },
    },
    { chat: { service: 'gone' } },
  );
  expect(faultsOf(catalog)).toHaveLength(6);
});

test('a service that is declared but could not be read is not called unknown', () => {
  const catalog = catalogOf({ a: { dependsOn: ['broken', 'brken'] } }, { chat: { service: 'broken' } });
  const found = checkCatalog(catalog, { ...tools, unreadable: new Set(['broken']) });
  expect(found.map((fault) => fault.expected)).toEqual(['the name of a service (did you mean "broken"?)']);
});
