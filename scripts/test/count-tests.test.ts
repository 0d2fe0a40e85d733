import { describe, expect, it } from 'vitest';
import { countTests } from '../check/vitest.ts';

const report = (numPassedTests: number, numFailedTests: number, brokenFiles = 0) => ({
  numPassedTests,
  numFailedTests,
  testResults: [
    { status: 'passed', assertionResults: [{}] },
    ...Array.from({ length: brokenFiles }, () => ({ status: 'failed', assertionResults: [] })),
  ],
});

describe('counting tests', () => {
  it('takes the numbers of the report', () => {
    expect(countTests(report(7, 0), 0)).toEqual({ passed: 7, failed: 0 });
    expect(countTests(report(7, 2), 1)).toEqual({ passed: 7, failed: 2 });
  });

  it('counts a file that fails before its first test', () => {
    expect(countTests(report(7, 1, 2), 1)).toEqual({ passed: 7, failed: 3 });
  });

  it('counts a failure outside of any test', () => {
    expect(countTests(report(7, 0), 1)).toEqual({ passed: 7, failed: 1 });
    expect(countTests(report(7, 0), null)).toEqual({ passed: 7, failed: 1 });
  });

  it('takes a run without tests, or without a report, for a failure', () => {
    expect(countTests(report(0, 0), 0)).toEqual({ passed: 0, failed: 1 });
    expect(countTests(undefined, 0)).toEqual({ passed: 0, failed: 1 });
  });
});
