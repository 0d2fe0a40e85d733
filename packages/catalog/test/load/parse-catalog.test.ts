import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { CatalogError, parseCatalog } from '../../src/index.ts';
import { faultsOf, minimal, refusalOf } from '../catalog-text.ts';

test('a catalog is loaded with its defaults, its folder and its digest', () => {
  const loaded = parseCatalog(minimal(), 'deploy/reveille.yaml');
  expect(loaded.catalog.services).toHaveProperty('a.ready', { tcp: {}, everyMs: 25, timeoutMs: 1000, settleMs: 0 });
  expect(loaded).toMatchObject({ file: 'deploy/reveille.yaml', dir: resolve('deploy') });
  expect(loaded.digest).toMatch(/^[0-9a-f]{16}$/);
});

test('the digest is that of the meaning: not of layout, comments, order or written defaults', () => {
  const digest = (text: string): string => parseCatalog(text, 'reveille.yaml').digest;
  const other = `# the same
entrypoints: { chat: { service: a, provenance: required } }
version: 1
services:
  a: { scope: global, endpoint: { port: 4000, path: "/" }, start: { process: { command: ["node", 'a.ts'] } } }`;
  expect(digest(other)).toBe(digest(minimal()));
  expect(digest(minimal(4001))).not.toBe(digest(minimal()));
});

test('every fault is told at once: of the text, of the schema and of the rules, in the order of the file', () => {
  const text = `version: 2
services:
  thread_service:
    start: { process: { command: node } }
    scop: tenant
    scop: tenant
  bridge:
    dependsOn: [thread_service, thread_servic, agent]
    start: { process: { command: [node, "{prot}"] } }
    deadlineMs: 500
  agent:
    dependsOn: [bridge]
    start: { process: { command: [agent] } }
  Bad:
    start: { docker: {} }
entrypoints:
  chat: { service: bidge }
`;
  expect(faultsOf(text)).toEqual([
    '1:10 version: found 2, expected 1',
    '4:34 services.thread_service.start.process.command: found "node", expected a list',
    '6:5 found the key scop a second time, expected each key once',
    '6:5 services.thread_service.scop: found the unknown key "scop", expected a known key (did you mean "scope"?)',
    '7:3 services.bridge.ready.timeoutMs: found 1000, expected at most 500 (deadlineMs of one attempt)',
    '8:33 services.bridge.dependsOn[1]: found "thread_servic", expected the name of a service (did you mean "thread_service"?)',
    '9:41 services.bridge.start.process.command[1]: found {prot}, expected a variable of this service (did you mean {port}?): for the text itself write {{prot}}',
    '12:17 services.agent.dependsOn[0]: found the circle bridge → agent → bridge, expected services that can be started one after the other',
    '14:3 services.Bad: found the name "Bad", expected a lower-case letter, then at most 47 lower-case letters, digits, "_" or "-"',
    '15:14 services.Bad.start.docker.image: found nothing, expected text',
    '17:20 entrypoints.chat.service: found "bidge", expected the name of a service (did you mean "bridge"?)',
  ]);
});

test('a refusal carries its faults as fields and as one report', () => {
  const refusal = refusalOf(`${minimal()}extra: 1\n`);
  expect(refusal.faults).toEqual([
    {
      file: 'reveille.yaml',
      line: 8,
      column: 1,
      path: 'extra',
      found: 'the unknown key "extra"',
      expected: 'one of version, services, entrypoints',
      message: 'found the unknown key "extra", expected one of version, services, entrypoints',
    },
  ]);
  expect(refusal.report).toBe(
    'reveille.yaml was refused: 1 fault\nreveille.yaml:8:1 extra: found the unknown key "extra", expected one of version, services, entrypoints',
  );
  expect(refusal).toBeInstanceOf(CatalogError);
});

test('a report ends after two hundred faults and says how many there are', () => {
  const refusal = refusalOf(minimal() + Array.from({ length: 300 }, (_, at) => `extra${at}: 1\n`).join(''));
  expect(refusal.faults).toHaveLength(300);
  const lines = refusal.report.split('\n');
  expect(lines).toHaveLength(202);
  expect([lines[0], lines.at(-1)]).toEqual(['reveille.yaml was refused: 300 faults', 'and 100 more']);
});

test('rules are held against expressions and schemas with the engines that will run them', () => {
  const rules = (rule: string): string => `${minimal()}  other: { service: a, authenticity: { forbid: [${rule}] } }\n`;
  expect(faultsOf(rules(`{ path: $, matches: "(?=x)" }`))).toEqual([
    '8:69 entrypoints.other.authenticity.forbid[0].matches: found "(?=x)", expected a regular expression (RE2 syntax): invalid or unsupported Perl syntax: `(?=`',
  ]);
  expect(faultsOf(rules(`{ schema: { type: strng } }`))[0]).toMatch(
    /forbid\[0\]\.schema: .*JSON Schema \(2020-12\): schema is invalid/,
  );
});

test('where no services can be read, only that is told', () => {
  expect(faultsOf('')).toEqual(['1:1 found an empty value, expected a mapping']);
  expect(faultsOf('- 1')).toEqual(['1:1 found a list, expected a mapping']);
  expect(faultsOf('version: 1\nservices:\nentrypoints: { chat: { service: a } }')).toEqual([
    '2:10 services: found an empty value, expected a mapping',
  ]);
  expect(faultsOf('version: 1\nservices: {}\nentrypoints: {}')).toEqual([
    '2:11 services: found no service, expected at least one service',
  ]);
});

test('names that objects inherit are names like others', () => {
  const loaded = parseCatalog(
    minimal().replace('  a:', '  constructor:').replace('service: a', 'service: constructor'),
    'f',
  );
  expect(Object.keys(loaded.catalog.services)).toEqual(['constructor']);
  expect(faultsOf(minimal().replace('service: a', 'service: constructor'))).toEqual([
    '7:20 entrypoints.chat.service: found "constructor", expected the name of a service (a)',
  ]);
});
