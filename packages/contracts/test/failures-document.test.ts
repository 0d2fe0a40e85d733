import { describe, expect, it } from 'vitest';
import { failure, failureCode, failureCodes, refusalCodes, refusalOrFailureCode } from '../src/index.ts';
import { readDocument, table } from './markdown.ts';

const document = readDocument('docs/failures.md');

describe('docs/failures.md', () => {
  it('says of every failure what the code says', () => {
    const rows = table(document, 'code', 'may be retried', 'what the user reads', 'what it means for you');
    expect(rows).toEqual(
      Object.entries(failureCodes).map(([code, of]) => [
        `\`${code}\``,
        of.retryable ? 'yes' : 'no',
        of.public,
        of.operator,
      ]),
    );
  });

  it('says of every refusal what the code says', () => {
    expect(table(document, 'code', 'meaning')).toEqual(
      Object.entries(refusalCodes).map(([code, meaning]) => [`\`${code}\``, meaning]),
    );
  });
});

describe('docs/troubleshooting.md', () => {
  it('has causes and a remedy for every failure', () => {
    const rows = table(readDocument('docs/troubleshooting.md'), 'code', 'usual causes', 'what helps');
    expect(rows.map(([code]) => code)).toEqual(Object.keys(failureCodes).map((code) => `\`${code}\``));
    for (const [, causes, remedy] of rows) expect([causes, remedy].every((text) => (text ?? '').length > 5)).toBe(true);
  });

  it('sends a quota that is used up, whichever it is, to its code, and nobody to a login that the Engine is not told of', () => {
    const rows = table(readDocument('docs/troubleshooting.md'), 'code', 'usual causes', 'what helps');
    const said = Object.fromEntries(rows.map(([code = '', ...texts]) => [code, texts.join(' ')]));
    expect(rows.filter(([, ...texts]) => /quota/i.test(texts.join(' '))).map(([code]) => code)).toEqual([
      '`quota_exceeded`',
    ]);
    for (const text of [said['`quota_exceeded`'], failureCodes.quota_exceeded.operator])
      expect([text?.includes('limits.instances'), text?.includes('ResourceQuota')]).toEqual([true, true]);
    expect(said['`image_pull_failed`']).toContain('without credentials');
  });
});

describe('a failure', () => {
  const given = {
    code: 'exited_early',
    service: 'a',
    name: 'A',
    phase: 'starting',
    message: 'It stopped.',
    attempt: 1,
    attempts: 3,
    retryable: true,
    traceId: 'a'.repeat(32),
  };

  it('has a code of the table', () => {
    expect(failure.parse(given)).toEqual(given);
    expect(failure.safeParse({ ...given, code: 'bad_luck' }).success).toBe(false);
    expect(failureCode.options).toEqual(Object.keys(failureCodes));
  });

  it('carries a bounded message and log', () => {
    expect(failure.safeParse({ ...given, message: 'x'.repeat(2001) }).success).toBe(false);
    expect(failure.safeParse({ ...given, logTail: Array.from({ length: 51 }, () => 'line') }).success).toBe(false);
  });

  it('and a refusal never share a code', () => {
    const all = refusalOrFailureCode.options;
    expect(new Set(all).size).toBe(all.length);
  });

  it('is told to users without words of the machinery', () => {
    const texts = Object.values(failureCodes).map((of) => of.public);
    for (const text of texts)
      expect(text).not.toMatch(/redis|process|deadlineMs|exit code|port \d|probe|ledger|x-reveille/i);
    for (const text of texts) expect(text).toMatch(/^[A-Z].*\.$/);
  });
});
