import type { Endpoint, ServiceName } from '@reveille/contracts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  renderTemplate,
  templatedTexts,
  type TemplateValues,
  templateVariables,
  variablesIn,
} from '../../src/plan/index.ts';
import { catalogOf, keys } from './catalogs.ts';

const values: TemplateValues = {
  port: 4001,
  scopeKey: keys.user,
  tenant: 'acme',
  user: 'ada',
  generation: 1_700_000_000_000_000,
  deps: new Map([
    [
      'thread-service' as ServiceName,
      { url: 'http://10.0.0.7:9000/v1', host: '10.0.0.7', port: 9000 } satisfies Endpoint,
    ],
  ]),
};

test('every variable of a service is filled in', () => {
  const text =
    '{port} {scopeKey} {tenant} {user} {generation} {deps.thread-service.url} {deps.thread-service.host}:{deps.thread-service.port}';
  expect(renderTemplate(text, values)).toBe(
    `4001 ${keys.user} acme ada 1700000000000000 http://10.0.0.7:9000/v1 10.0.0.7:9000`,
  );
});

test('a variable without a value is refused by name and never becomes an empty text', () => {
  expect(renderTemplate('--to {deps.other.url}', values)).toEqual({ unknown: 'deps.other.url' });
  expect(renderTemplate('{port}{tenant}', { ...values, port: undefined, tenant: undefined })).toEqual({
    unknown: 'port',
  });
  for (const name of ['constructor', 'deps', 'deps.thread-service.constructor', 'deps.thread-service', 'toString'])
    expect(renderTemplate(`{${name}}`, values)).toEqual({ unknown: name });
});

test('doubled braces are the text itself, and other braces are no template', () => {
  expect(renderTemplate('{{port}} is {port}', values)).toBe('{port} is 4001');
  for (const text of ['{"a":{"b":1}}', '{}', '{ port }', '{1}', '{{.Names}}', '${}', 'a}b{c'])
    expect(renderTemplate(text, values)).toBe(text);
});

test('what is filled in is never read as a template again', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('{', '}', 'port', 'user', 'deps.x.url', '$', '&', ' ') }), (user) => {
      expect(renderTemplate('<{user}>', { ...values, user })).toBe(`<${user}>`);
    }),
  );
});

test('a service may name what exists for its scope, its port and its dependencies', () => {
  const { services } = catalogOf({
    a: {},
    b: { scope: 'tenant', dependsOn: ['a'], endpoint: { port: 'reported' }, ready: { reported: true } },
    c: { scope: 'user' },
  });
  const of = (name: string): string[] => templateVariables(services[name as ServiceName] ?? fail(name));
  expect(of('a')).toEqual(['port', 'scopeKey', 'generation']);
  expect(of('b')).toEqual(['scopeKey', 'tenant', 'generation', 'deps.a.url', 'deps.a.host', 'deps.a.port']);
  expect(of('c')).toEqual(['port', 'scopeKey', 'tenant', 'user', 'generation']);
});

test('templates stand in commands, folders, environments, URLs, headers, names and probe commands', () => {
  const { services } = catalogOf({
    a: {
      start: { process: { command: ['run', '{port}'], env: { DSN: '{user}' }, cwd: '{tenant}' } },
      live: { exec: { command: ['{host}'] } },
    },
    b: { start: { http: { start: { method: 'POST', url: '{u}', headers: { a: '{h}' } } } } },
  });
  const found = Object.values(services)
    .flatMap(templatedTexts)
    .flatMap(({ path, text }) => variablesIn(text).map((name) => [path.join('.'), name]));
  expect(found).toEqual([
    ['start.process.command.1', 'port'],
    ['start.process.cwd', 'tenant'],
    ['start.process.env.DSN', 'user'],
    ['live.exec.command.0', 'host'],
    ['start.http.start.url', 'u'],
    ['start.http.start.headers.a', 'h'],
  ]);
});

function fail(name: string): never {
  throw new Error(`no service ${name}`);
}
