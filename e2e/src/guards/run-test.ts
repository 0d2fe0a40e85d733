import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Guard } from './guard.ts';

/** `broken`: no test could be run, which proves nothing about a guard. */
export type TestOutcome = { readonly kind: 'green' | 'red' } | { readonly kind: 'broken'; readonly printed: string };

/** A test may hang without its guard, and then Vitest fails it after half a minute; its worker may hang for long after that. Milliseconds. */
const deadlineMs = 420_000;

/** Clusters of the simulation: what misses a guard fails in the first of them, and what passes with it need not pass in all of a normal run. */
const enoughSeeds = '200';

/** Runs one test file of a copy. */
export function runTest(dir: string, { project, file, name }: Guard['test']): TestOutcome {
  const report = join(dir, 'guard-report.json');
  rmSync(report, { force: true });
  const vitest = join(dir, 'node_modules/vitest/vitest.mjs');
  const reporters = ['--reporter=verbose', '--reporter=json', `--outputFile.json=${report}`];
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [
      vitest,
      'run',
      '--project',
      project,
      '--bail=1',
      '--testTimeout=30000',
      '--teardownTimeout=5000',
      ...reporters,
      ...(name === undefined ? [] : ['-t', name]),
      file,
    ],
    {
      cwd: dir,
      encoding: 'utf8',
      timeout: deadlineMs,
      env: {
        REVEILLE_SEEDS: enoughSeeds,
        ...process.env,
        PATH: `${join(dir, 'node_modules/.bin')}:${process.env['PATH']}`,
      },
    },
  );
  const counts = existsSync(report)
    ? (JSON.parse(readFileSync(report, 'utf8')) as { numPassedTests: number; numFailedTests: number })
    : { numPassedTests: 0, numFailedTests: 0 };
  // Of a run that hung there is no report, but each test that ended was printed when it did.
  if (counts.numFailedTests > 0 || /^\s*×/m.test(stdout)) return { kind: 'red' };
  if (status === 0 && counts.numPassedTests > 0) return { kind: 'green' };
  return { kind: 'broken', printed: `${stdout}\n${stderr}`.slice(-2_000) };
}
