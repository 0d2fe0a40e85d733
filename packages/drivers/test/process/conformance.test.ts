import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { driverConformance, type Program } from '../../src/index.ts';
import { processTables } from '../support/process-tables.ts';
import { program, startRequest } from '../support/start-request.ts';
import { testDriver } from '../support/test-driver.ts';

const serve = `
  console.log('begun');
  require('node:http').createServer((request, response) => response.end('here')).listen(process.env.PORT, '127.0.0.1');`;
const programs: Record<Program, string> = {
  serve,
  stubborn: `process.on('SIGTERM', () => undefined); ${serve}`,
  exit: `console.log('begun'); process.exitCode = 3;`,
};

for (const [which, table] of processTables) {
  describe(`the process driver, with the process table of ${which}`, () => {
    const cases = driverConformance(async () => {
      const namespace = randomUUID();
      const driver = testDriver({ namespace, processTable: table() });
      const another = testDriver({ namespace, processTable: table() });
      return {
        driver,
        another,
        request: (which, generation) => startRequest(program(programs[which]), { generation }),
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
}
