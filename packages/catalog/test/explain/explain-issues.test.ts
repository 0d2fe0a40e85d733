import { describe, expect, test } from 'vitest';
import { faultsOf } from '../catalog-text.ts';

/** Faults of one service and, on request, one content rule. */
function faultsWith(service: string, rule = ''): string[] {
  const text = `version: 1
services:
  a: { ${service} }
entrypoints:
  chat: { service: a, authenticity: { forbid: [${rule}] } }
`;
  return faultsOf(text).map((line) =>
    line.replace(/^\d+:\d+ /, '').replace(/^(services\.a\.|entrypoints\.chat\.authenticity\.)/, ''),
  );
}

const start = 'start: { process: { command: [node] } }';

describe('a value of the wrong kind', () => {
  test.each([
    ['deadlineMs: "500"', 'deadlineMs: found "500", expected a number (without quotes)'],
    ['deadlineMs: 1.5', 'deadlineMs: found 1.5, expected a whole number'],
    ['deadlineMs: 0', 'deadlineMs: found 0, expected at least 1'],
    ['deadlineMs: 90000000', 'deadlineMs: found 90000000, expected at most 86400000'],
    ['replaceable: yes', 'replaceable: found "yes", expected true or false'],
    ['name: 12', 'name: found 12, expected text (put it in quotes)'],
    ["name: ''", 'name: found an empty one, expected at least 1 character'],
    ['scope: tenants', 'scope: found "tenants", expected "global" or "tenant" or "user"'],
    ['endpoint: { path: api }', 'endpoint.path: found "api", expected a path that begins with "/"'],
    ['idle:', 'idle: found an empty value, expected a mapping'],
  ])('%s', (service, expected) => {
    expect(faultsWith(`${start}, ${service}`)).toEqual([expected]);
  });
});

describe('a value of several forms', () => {
  test.each([
    ['endpoint: { port: 99999 }', 'endpoint.port: found 99999, expected at most 65535'],
    ['endpoint: { port: none }', 'endpoint.port: found "none", expected "auto", or "reported", or a number'],
    ['dependsOn: [[b]]', 'dependsOn[0]: found a list, expected text, or a mapping'],
    [
      'dependsOn: [{ service: a, onChange: stop }]',
      'dependsOn[0].onChange: found "stop", expected "restart" or "keep"',
    ],
    [
      'dependsOn: [{ servce: b }]',
      'dependsOn[0].servce: found the unknown key "servce", expected a known key (did you mean "service"?)',
    ],
  ])('%s', (service, expected) => {
    expect(faultsWith(`${start}, ${service}`)).toEqual([expected]);
  });

  test.each([
    ['{ path: a, equals: x }', 'forbid[0].path: found "a", expected a path such as $.a.b[0], or $'],
    ['{ path: $ }', 'forbid[0]: found none, expected exactly one of equals, startsWith, contains, matches, exists'],
    ['{ path: $, equals: 3 }', 'forbid[0].equals: found 3, expected text (put it in quotes)'],
    [
      '{ path: $, equal: x }',
      'forbid[0].equal: found the unknown key "equal", expected a known key (did you mean "equals"?)',
    ],
    ['{ schema: 3 }', 'forbid[0].schema: found 3, expected a mapping'],
    ['text', 'forbid[0]: found "text", expected a mapping'],
  ])('rule %s', (rule, expected) => {
    expect(faultsWith(start, rule)).toEqual([expected]);
  });
});

describe('one mistake is told once', () => {
  test('a misspelt driver is not also a missing one', () => {
    expect(faultsWith('start: { proces: { command: [node] } }')).toEqual([
      'start.proces: found the unknown key "proces", expected a known key (did you mean "process"?)',
    ]);
  });

  test('a missing driver, or two, are told as such', () => {
    const expected = 'expected exactly one of process, module, docker, kubernetes, http';
    expect(faultsWith('start: {}')).toEqual([`start: found none, ${expected}`]);
    expect(faultsWith('start: { process: { command: [a] }, docker: { image: b } }')).toEqual([
      `start: found process and docker, ${expected}`,
    ]);
    expect(faultsWith('scope: global')).toEqual(['start: found nothing, expected a mapping']);
  });
});

test('an unknown key far from every known one is answered with those there are', () => {
  expect(faultsWith(`${start}, stop: { signal: TERM }`)).toEqual([
    'stop.signal: found the unknown key "signal", expected one of graceMs',
  ]);
});

test('values of environments and headers stay out of reports', () => {
  const faults = faultsWith('start: { process: { command: [node], env: { PASSWORD: 123456, TOKEN: true } } }');
  expect(faults).toEqual([
    'start.process.env.PASSWORD: found a number, expected text (put it in quotes)',
    'start.process.env.TOKEN: found a boolean, expected text (put it in quotes)',
  ]);
});
