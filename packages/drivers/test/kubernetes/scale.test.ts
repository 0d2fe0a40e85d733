import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createKubernetesDriver, driverConformance } from '../../src/index.ts';
import { scaleRequest } from '../support/kubernetes/scale-request.ts';
import { TestApiServer } from '../support/kubernetes/test-api-server.ts';
import { quiet } from '../support/test-driver.ts';

describe('the kubernetes driver, scaling', () => {
  const cases = driverConformance(async () => {
    const server = await TestApiServer.start();
    const options = { namespace: randomUUID(), logger: quiet, env: server.env };
    const driver = createKubernetesDriver(options);
    const another = createKubernetesDriver(options);
    return {
      driver,
      another,
      // A workload for each generation: two of them run side by side.
      request: (program, generation) =>
        scaleRequest(server, { program, generation, name: `subject-${program}-${generation}` }),
      async [Symbol.asyncDispose]() {
        await another[Symbol.asyncDispose]();
        await driver[Symbol.asyncDispose]();
        await server[Symbol.asyncDispose]();
      },
    };
  });
  it.each(cases)('$name', async ({ run }) => {
    await expect(run()).resolves.toBeUndefined();
  });
});
