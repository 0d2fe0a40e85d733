import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createModuleDriver, driverConformance, type Program } from '../../src/index.ts';
import { requestOf } from '../support/start-request.ts';
import { quiet } from '../support/test-driver.ts';

const exports: Record<Program, string> = { serve: 'initialize', stubborn: 'stubborn', exit: 'exit' };

describe('the module driver', () => {
  const cases = driverConformance(async () => {
    const options = { namespace: randomUUID(), hostId: 'this-host', logger: quiet };
    const driver = createModuleDriver(options);
    const another = createModuleDriver(options);
    return {
      driver,
      another,
      request: (which, generation) =>
        requestOf({ module: { path: './module/programs.mjs', export: exports[which] } }, { generation }),
      async [Symbol.asyncDispose]() {
        await another[Symbol.asyncDispose]();
        await driver[Symbol.asyncDispose]();
      },
    };
  });
  it.each(cases)('$name', async ({ run }) => {
    await expect(run()).resolves.toBeUndefined();
  });
});
