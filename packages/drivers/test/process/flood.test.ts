import { expect, it } from 'vitest';
import { LOG_LINES } from '../../src/index.ts';
import { Lifeline } from '../support/lifeline.ts';
import { program, startRequest } from '../support/start-request.ts';
import { context, line, testDriver } from '../support/test-driver.ts';

const MEGABYTES = 1024;

it('a gigabyte of log, with secrets, terminal codes and broken UTF-8, neither blocks the service nor fills the memory', async () => {
  await using lifeline = await Lifeline.open();
  await using driver = testDriver();
  const source = `
    const lines = Buffer.concat([
      Buffer.from(('\\u001b[31m' + process.env.API_TOKEN + '\\u001b[0m ' + 'x'.repeat(80) + '\\n').repeat(100)),
      Buffer.from([0xff, 0xfe, 0x0a]),
    ]);
    const megabyte = Buffer.concat(Array(Math.ceil(2 ** 20 / lines.length)).fill(lines)).subarray(0, 2 ** 20);
    const { writeSync } = require('node:fs');
    const write = (bytes) => {
      while (bytes.length > 0) {
        try { bytes = bytes.subarray(writeSync(1, bytes)); }
        catch (error) { if (error.code !== 'EAGAIN') throw error; }
      }
    };
    for (let n = 0; n < ${MEGABYTES}; n += 1) write(megabyte);
    write(Buffer.from('\\nall written\\n'));
    ${lifeline.hold('written')}`;
  const before = process.memoryUsage.rss();
  const running = await driver.start(
    startRequest({ ...program(source), env: { API_TOKEN: 'not-for-logs' } }),
    context(),
  );
  await lifeline.member('written');
  await line(running, /^all written$/);
  const grownMegabytes = (process.memoryUsage.rss() - before) / 2 ** 20;
  expect(grownMegabytes).toBeLessThan(MEGABYTES / 4);
  const log = running.logs();
  expect(log).toHaveLength(LOG_LINES);
  expect(log).toContain(`[redacted] ${'x'.repeat(80)}`);
  expect(log).toContain('\ufffd\ufffd');
  expect(log.join('\n')).not.toContain('not-for-logs');
}, 300_000);
