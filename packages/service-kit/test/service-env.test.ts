import { describe, expect, it } from 'vitest';
import { serviceEnv } from '../src/index.ts';

describe('the environment of a service', () => {
  it('says everything that Reveille gave', () => {
    const env = {
      PORT: '4711',
      TRACEPARENT: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
      REVEILLE_SERVICE: 'bridge',
      REVEILLE_INSTANCE: 'bridge~global',
      REVEILLE_TENANT: 'acme',
      REVEILLE_USER: 'ada',
      REVEILLE_GENERATION: '1800000000000000',
      REVEILLE_INSTANCE_KEY: 'seed',
      REVEILLE_EDGE_KEY: 'key',
      REVEILLE_DEP_TOOL_CLASSES_URL: 'http://127.0.0.1:1',
      REVEILLE_DEP___PROTO___URL: 'http://127.0.0.1:2',
    };
    const read = serviceEnv(env);
    expect({ ...read, deps: { ...read.deps } }).toEqual({
      port: 4711,
      service: 'bridge',
      instance: 'bridge~global',
      tenant: 'acme',
      user: 'ada',
      generation: 1_800_000_000_000_000,
      traceparent: env.TRACEPARENT,
      instanceKey: 'seed',
      edgeKey: 'key',
      deps: { tool_classes: 'http://127.0.0.1:1', ['__proto__']: 'http://127.0.0.1:2' },
    });
  });

  it('is nearly empty for a service that was started by hand', () => {
    expect(serviceEnv({ PATH: '/bin', REVEILLE_TENANT: '' })).toEqual({ port: 0, deps: {} });
  });

  it.each([{ PORT: '70000' }, { PORT: '-1' }, { PORT: '80a' }, { REVEILLE_GENERATION: '1.5' }])('refuses %o', (env) => {
    expect(() => serviceEnv(env)).toThrow(RangeError);
  });
});
