import { describe, expect, it } from 'vitest';
import { answerText } from '../../src/render/answer-text.ts';
import { changeLine } from '../../src/render/change-line.ts';
import { durationText, elapsedText } from '../../src/render/duration.ts';
import { failureLines } from '../../src/render/failure-lines.ts';
import { instanceLines } from '../../src/render/instance-lines.ts';
import { plainLine } from '../../src/render/plain-line.ts';
import { printable } from '../../src/render/printable.ts';
import { styleFor } from '../../src/render/style.ts';
import type { InstanceRow } from '../../src/ledger/instance-row.ts';
import { prettyLine } from '../../src/log/pretty-log.ts';
import { failure, initializing } from '../support/frames.ts';

const plain = styleFor(false);

describe('a failure in words', () => {
  const of = { entrypoint: 'chat', failure, retryable: true, retryAfterMs: 14_200, traceId: 'abc' };

  it('says what, where, how it ended, in which trace and when to come back', () => {
    expect(failureLines(of, plain)).toEqual([
      '✖ chat is not available. The base: It stopped while it was starting.',
      '  what   exited_early: the process ended with exit code 3 before it was ready',
      '  phase  probing, attempt 3 of 3',
      '  ended  exit code 3',
      '  trace  abc',
      '  again  in 14 s (or let --retry wait for it)',
    ]);
  });

  it('shows the end of the log to those who get it, unable to steer their terminal', () => {
    const logTail = ['Error: \u001b[2Jboom', 'at line 1'];
    expect(failureLines({ ...of, failure: { ...failure, logTail } }, plain).slice(-3)).toEqual([
      '  log',
      '    | Error: boom',
      '    | at line 1',
    ]);
  });

  it('promises nothing when somebody has to mend it first', () => {
    expect(failureLines({ ...of, retryable: false }, plain).at(-1)).toBe('  again  not before somebody has mended it');
  });
});

describe('an answer for people', () => {
  it.each([
    ['its text, when it has one', { type: 'x', text: '**Hello**' }, '**Hello**'],
    ['a bare string as it is', 'Hello', 'Hello'],
    [
      'its text and the titles of its charts, never their markup',
      { text: 'Hello', result: { charts: [{ title: 'Tokens by model', svg: '<svg/>' }, { title: 'Sizes' }, 7] } },
      'Hello\n\nCharts in this answer, which the page shows: Tokens by model; Sizes.',
    ],
    ['its text when there is no chart', { text: 'Hello', result: { charts: [] } }, 'Hello'],
    ['anything else as JSON', { type: 'x', n: 1 }, '{"type":"x","n":1}'],
    ['also nothing', null, 'null'],
  ])('is %s', (_, data, text) => {
    expect(answerText(data)).toBe(text);
  });
});

describe('a frame as a line', () => {
  it('carries the elapsed time and the sentence of the edge', () => {
    expect(plainLine({ ...initializing('base', 'starting'), elapsedMs: 12_340, message: 'Base is\nstarting.' })).toBe(
      '[ 12.3 s] Base is starting.',
    );
  });

  it('is nothing for frames that say nothing to a person', () => {
    expect(plainLine({ type: 'ping' })).toBeUndefined();
    expect(plainLine({ type: 'accepted', id: 'x' })).toBeUndefined();
  });
});

describe('durations', () => {
  it.each([
    [45, '45 ms'],
    [1_000, '1 s'],
    [1_340, '1.3 s'],
    [9_960, '10 s'],
    [61_000, '1 min 1 s'],
    [120_000, '2 min'],
  ])('%i ms is %s', (ms, text) => {
    expect(durationText(ms)).toBe(text);
  });

  it('count in a column that does not jump', () => {
    expect([elapsedText(40), elapsedText(12_340), elapsedText(185_000)]).toEqual(['0.0 s', '12.3 s', '3:05']);
  });
});

describe('text of services', () => {
  it('keeps lines and tabs and loses everything that steers a terminal', () => {
    expect(printable('a\tb\r\nc\u001b]0;title\u0007\u009b31md\u202ee')).toBe('a\tb\ncde');
  });
});

const row: InstanceRow = {
  instance: 'base~global' as InstanceRow['instance'],
  service: 'base',
  scope: { kind: 'global' },
  state: 'ready',
  generation: 1_795_386_857_531_661,
  attempt: 1,
  since: 1_000,
  endpoint: 'http://127.0.0.1:1',
  owner: 'initializer-1',
  interest: 2,
};

describe('instances as a table', () => {
  it('says state, age, users and address', () => {
    expect(instanceLines([row], 5_000, 200)).toEqual([
      'SERVICE  SCOPE   STATE  GENERATION  ATTEMPT  SINCE  USERS    ENDPOINT            OWNER          DETAIL',
      'base     global  ready  …57531661   1        4 s    2 edges  http://127.0.0.1:1  initializer-1',
    ]);
  });

  it('says why one failed and when it may be tried again', () => {
    const failed = { ...row, state: 'failed' as const, failure, cooldownUntil: 15_000 };
    expect(instanceLines([failed], 5_000, 400)[1]).toMatch(/exited_early, again in 10 s: the process ended/);
  });

  it('names whose it is', () => {
    const scope = { kind: 'user', user: 'ada', tenant: 'acme' } as const;
    expect(instanceLines([{ ...row, scope }], 0, 200)[1]).toContain('user ada of acme');
  });
});

describe('a change as a line', () => {
  const at = Date.UTC(2026, 0, 1, 12, 0, 0, 5);

  it('names the old state and the new one', () => {
    expect(changeLine({ ...row, state: 'starting' }, row, at)).toBe(
      '12:00:00.005  base (global)  starting → ready at http://127.0.0.1:1 (generation …57531661)',
    );
  });

  it('tells progress within a state', () => {
    const starting = { ...row, state: 'starting' as const };
    const progress = { phase: 'loading', detail: 'rows', percent: 40 };
    expect(changeLine(starting, { ...starting, progress }, at)).toMatch(/ {2}loading: rows 40 %$/);
  });

  it('is nothing when only users came or went', () => {
    expect(changeLine(row, { ...row, interest: 3 }, at)).toBeUndefined();
  });
});

describe('a log line for developers', () => {
  const at = new Date(2026, 0, 1, 9, 5, 7, 42).toISOString();

  it('has time, part, message and fields, and the level where it matters', () => {
    const line = JSON.stringify({ level: 'warn', time: at, name: 'edge', msg: 'slow', port: 1 });
    expect(prettyLine(line, plain)).toBe('09:05:07.042 warn edge slow port=1');
    expect(prettyLine(line.replace('warn', 'info'), plain)).toBe('09:05:07.042 edge slow port=1');
  });

  it('puts the stack of an error on lines of its own', () => {
    const err = { message: 'boom', stack: 'Error: boom\n    at x' };
    const line = JSON.stringify({ level: 'error', time: at, name: 'edge', msg: 'failed', err });
    expect(prettyLine(line, plain).split('\n')).toEqual([
      '09:05:07.042 error edge failed',
      '    Error: boom',
      '        at x',
    ]);
  });

  it('shows what is no log line as it is, harmless', () => {
    expect(prettyLine('Trace: \u001b[2Jx\n', plain)).toBe('Trace: x');
  });
});
