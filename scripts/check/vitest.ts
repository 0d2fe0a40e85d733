import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './gate.ts';

export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
}

/** The part of Vitest's JSON report that is read here. */
export interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly { readonly status: string; readonly assertionResults: readonly unknown[] }[];
}

/** Runs the tests with their output shown as they go, and counts them by Vitest's own report. */
export function runTests(args: readonly string[]): TestCounts {
  const dir = mkdtempSync(join(tmpdir(), 'reveille-check-'));
  const reportPath = join(dir, 'report.json');
  try {
    const vitest = join(root, 'node_modules/vitest/vitest.mjs');
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportPath}`];
    const { status } = spawnSync(process.execPath, [vitest, 'run', ...reporters, ...args], {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const report = existsSync(reportPath) ? (JSON.parse(readFileSync(reportPath, 'utf8')) as VitestReport) : undefined;
    return countTests(report, status);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/**
 * A file that fails before its first test counts as one failure. So does a run that fails in another way (an error outside of
 * any test, no report at all), and a run in which no test passed: that looked at nothing.
 */
export function countTests(report: VitestReport | undefined, status: number | null): TestCounts {
  const passed = report?.numPassedTests ?? 0;
  const brokenFiles = report?.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  );
  const failed = (report?.numFailedTests ?? 0) + (brokenFiles?.length ?? 0);
  const otherwise = failed === 0 && (status !== 0 || passed === 0) ? 1 : 0;
  return { passed, failed: failed + otherwise };
}
