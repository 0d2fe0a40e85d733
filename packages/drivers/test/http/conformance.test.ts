import { describe, expect, it } from 'vitest';
import { createHttpDriver, driverConformance } from '../../src/index.ts';
import { controlApi } from '../support/control-api.ts';
import { requestOf } from '../support/start-request.ts';
import { quiet } from '../support/test-driver.ts';

describe('the http driver', () => {
  const cases = driverConformance(async () => {
    const api = await controlApi();
    const driver = createHttpDriver({ logger: quiet });
    const another = createHttpDriver({ logger: quiet });
    return {
      driver,
      another,
      isMute: true,
      request: (which, generation) => {
        const call = (method: 'GET' | 'POST', what: string) => ({
          method,
          url: `${api.url}/${what}/${which}?run={scopeKey}-{generation}`,
        });
        const http = { start: call('POST', 'start'), stop: call('POST', 'stop'), status: call('GET', 'status') };
        const values = { scopeKey: 'global' as never, generation, deps: new Map() };
        return requestOf({ http }, { generation, values });
      },
      async [Symbol.asyncDispose]() {
        await another[Symbol.asyncDispose]();
        await driver[Symbol.asyncDispose]();
        await api[Symbol.asyncDispose]();
      },
    };
  });
  it.each(cases)('$name', async ({ run }) => {
    await expect(run()).resolves.toBeUndefined();
  });
});
