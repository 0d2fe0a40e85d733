import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { driverConformance, type Program } from '../../src/index.ts';
import { psProcessTable } from '../../src/process/ps-process-table.ts';
import { hostProcessTable } from '../../src/process/host-process-table.ts';
import type { ProcessTable } from '../../src/process/process-table.ts';
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

const tables: Record<string, () => ProcessTable> = { 'of this host': hostProcessTable, 'read from ps': psProcessTable };

for (const [which, table] of Object.entries(tables)) {
  describe(`the process driver, with the process table ${which}`, () => {
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
