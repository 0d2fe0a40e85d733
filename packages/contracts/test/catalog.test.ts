import { describe, expect, it } from 'vitest';
import { catalog, displayName, type CatalogInput } from '../src/index.ts';

const least: CatalogInput = {
  version: 1,
  services: { bridge: { start: { process: { command: ['node', 'bridge.ts'] } } } },
  entrypoints: { chat: { service: 'bridge' } },
};

describe('a catalog that says the least', () => {
  const read = catalog.parse(least);

  it('gives a service the defaults of the documentation', () => {
    expect(Object.values(read.services)[0]).toEqual({
      scope: 'global',
      dependsOn: [],
      start: { process: { command: ['node', 'bridge.ts'] } },
      endpoint: { port: 'auto', path: '/', scheme: 'http' },
      ready: { tcp: {}, everyMs: 25, timeoutMs: 1000, settleMs: 0 },
      deadlineMs: 30_000,
      retry: { attempts: 3, backoffMs: 200, maxBackoffMs: 5000 },
      cooldownMs: 15_000,
      update: 'idle',
      drainMs: 60_000,
      replaceable: false,
      idle: {},
      stop: { graceMs: 10_000 },
      limits: {},
    });
  });

  it('gives an entrypoint the defaults of the documentation', () => {
    expect(Object.values(read.entrypoints)[0]).toEqual({
      service: 'bridge',
      upstream: { websocket: { path: '/' } },
      frames: 'json',
      deadlineMs: 30_000,
      provenance: 'required',
      logTailFor: [],
      limits: {
        connectionsPerUser: 3,
        heldMessages: 64,
        heldBytes: 262_144,
        messageBytes: 65_536,
        messagesPerSecond: 20,
      },
      resume: { windowMs: 120_000, messages: 256, bytes: 4_194_304 },
      authenticity: { forbid: [], require: [] },
    });
  });

  it('says the same when it is read again with all defaults written out', () => {
    expect(catalog.parse(read)).toEqual(read);
  });
});

describe('a dependency', () => {
  it('may be a bare name: it restarts with its dependency', () => {
    const { services } = catalog.parse({
      ...least,
      services: {
        ...least.services,
        agent: { dependsOn: ['bridge', { service: 'bridge', onChange: 'keep' }], start: { module: { path: 'a.ts' } } },
      },
    });
    expect(Object.values(services)[1]?.dependsOn).toEqual([
      { service: 'bridge', onChange: 'restart' },
      { service: 'bridge', onChange: 'keep' },
    ]);
  });
});

describe('a service is refused', () => {
  const start = { process: { command: ['node'] } };
  it.each([
    ['with a key that nobody knows', { start, readyy: {} }, /readyy/],
    [
      'with two ways to start',
      { start: { ...start, module: { path: 'a.ts' } } },
      /exactly one of process.*process and module/,
    ],
    ['with no way to start', { start: {} }, /found none/],
    ['with two probes', { start, ready: { tcp: {}, log: { pattern: 'up' } } }, /exactly one of http/],
    ['with no probe in ready', { start, ready: { everyMs: 5 } }, /found none/],
    ['with an empty command', { start: { process: { command: [] } } }, /command/],
    ['with a port that is none', { start, endpoint: { port: 70_000 } }, /port/],
    ['with a time in words', { start, deadlineMs: '10s' }, /deadlineMs/],
  ])('%s', (_what, service, why) => {
    const result = catalog.safeParse({ ...least, services: { bridge: service } });
    expect(JSON.stringify(result.error?.issues)).toMatch(why);
  });
});

describe('a content rule', () => {
  const withRules = (authenticity: object): boolean =>
    catalog.safeParse({ ...least, entrypoints: { chat: { service: 'bridge', authenticity } } }).success;

  it('looks at one place with one test', () => {
    expect(withRules({ forbid: [{ path: '$.a.b[0]', equals: 'x' }] })).toBe(true);
    expect(withRules({ forbid: [{ path: '$', exists: true }] })).toBe(true);
    expect(withRules({ forbid: [{ path: '$.a' }] })).toBe(false);
    expect(withRules({ forbid: [{ path: '$.a', equals: 'x', contains: 'y' }] })).toBe(false);
    expect(withRules({ forbid: [{ path: 'a', equals: 'x' }] })).toBe(false);
    expect(withRules({ forbid: [{ path: '$..a', equals: 'x' }] })).toBe(false);
  });

  it('requires one of several, or a schema, and not both', () => {
    const anyOf = [{ path: '$.result', exists: true }];
    expect(withRules({ require: [{ anyOf }] })).toBe(true);
    expect(withRules({ require: [{ schema: { type: 'object' } }] })).toBe(true);
    expect(withRules({ require: [{ anyOf, schema: {} }] })).toBe(false);
    expect(withRules({ require: [{}] })).toBe(false);
    expect(withRules({ require: [{ anyOf: [] }] })).toBe(false);
  });
});

describe('the name that people read', () => {
  it.each([
    ['tool_classes', {}, 'Tool classes'],
    ['agent-websocket__bridge', {}, 'Agent websocket bridge'],
    ['x', { name: 'AI tool configuration' }, 'AI tool configuration'],
  ])('of %s %o is %s', (key, of, name) => {
    expect(displayName(key, of)).toBe(name);
  });
});
