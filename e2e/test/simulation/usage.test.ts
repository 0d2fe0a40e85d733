import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const main = fileURLToPath(new URL('./main.ts', import.meta.url));

test.each([
  [['--seeds', '40'], "Unknown option '--seeds'"],
  [['--seed'], "Option '--seed <value>' argument missing"],
  [['--seed', 'x'], 'x'],
  [['many'], 'many'],
  [['0'], '0'],
  [['40', '41'], '41'],
])('a simulation asked for by %j says in one line how it is asked for', (args, found) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], { encoding: 'utf8' });
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toBe(
    `usage: npm run test:simulation [how many seeds | -- --seed n], found: ${JSON.stringify(found)}\n`,
  );
});
