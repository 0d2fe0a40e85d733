import { describe, expect, it } from 'vitest';
import { EventLog } from '../../src/runs/event-log.ts';
import { wordsFor } from '../../src/runs/run-failure.ts';

const never = new AbortController().signal;
const started = { type: 'agent_started', agent: 'triage', text: 'Begin.' } as const;
const ended = { type: 'agent_failed', agent: 'triage', ...wordsFor(new Error()), text: '', trace_id: '' } as const;

async function numbers(log: EventLog, after: number, signal = never): Promise<number[]> {
  const seen: number[] = [];
  for await (const { n } of log.follow(after, signal)) seen.push(n);
  return seen;
}

describe('an event log', () => {
  it('gives every reader the whole from where it wants, also what is yet to come', async () => {
    const log = new EventLog('r');
    log.append(started);
    const early = numbers(log, 0);
    log.append(started);
    const late = numbers(log, 2);
    log.append(ended);
    expect(await early).toEqual([1, 2, 3]);
    expect(await late).toEqual([3]);
    expect(await numbers(log, 3)).toEqual([]);
  });

  it('lets a reader go without ending for the others', async () => {
    const log = new EventLog('r');
    const leaving = new AbortController();
    const gone = numbers(log, 0, leaving.signal);
    leaving.abort();
    expect(await gone).toEqual([]);
    log.append(ended);
    expect(await numbers(log, 0)).toEqual([1]);
  });

  it('takes nothing after its last event', () => {
    const log = new EventLog('r');
    log.append(ended);
    expect(log.closed).toBe(true);
    expect(() => log.append(started)).toThrow('has said its last');
  });
});
