import type { InstanceState, LedgerRecord } from '@reveille/contracts';
import type { Commit, Reading } from '../port/index.ts';
import { begin } from './begin.ts';
import type { Change } from './change.ts';
import type { Command, Refusal } from './command.ts';
import { end } from './end.ts';
import { attempt } from './attempt.ts';
import { mint } from './mint.ts';
import { succession } from './succession.ts';

/**
 * The states in which each command applies and those it leads to: the whole life of an instance.
 * `ARCHITECTURE.md` shows this table; a property test holds the code to it.
 */
export const transitions: Record<Command['kind'], { from: readonly InstanceState[]; to: readonly InstanceState[] }> = {
  want: { from: ['cold', 'failed'], to: ['waiting'] },
  add_dependent: { from: ['cold', 'waiting', 'queued', 'starting', 'ready', 'stopping', 'failed', 'lost'], to: [] },
  drop_dependents: { from: ['cold', 'waiting', 'queued', 'starting', 'ready', 'stopping', 'failed', 'lost'], to: [] },
  note_unwanted: { from: ['waiting', 'queued', 'starting', 'ready', 'failed'], to: [] },
  note_wanted: { from: ['waiting', 'queued', 'starting', 'ready', 'failed'], to: [] },
  queue: { from: ['waiting'], to: ['queued'] },
  wait: { from: ['queued'], to: ['waiting'] },
  fail_dependency: { from: ['waiting', 'queued'], to: ['failed'] },
  refuse: { from: ['waiting', 'queued'], to: ['failed'] },
  claim: { from: ['queued', 'starting'], to: ['starting'] },
  progress: { from: ['starting'], to: [] },
  ready: { from: ['starting'], to: ['ready'] },
  attempt_failed: { from: ['starting'], to: ['queued', 'failed'] },
  give_up: { from: ['queued', 'starting'], to: ['failed'] },
  let_go: { from: ['starting'], to: ['queued'] },
  lose: { from: ['ready'], to: ['lost'] },
  stop: { from: ['waiting', 'queued', 'starting', 'ready', 'lost', 'stopping'], to: ['stopping'] },
  stopped: { from: ['stopping'], to: ['cold', 'failed'] },
  request_stop: { from: ['waiting', 'queued', 'starting', 'ready'], to: [] },
  clear: { from: ['failed'], to: ['cold'] },
  cancel: { from: ['waiting', 'queued', 'failed'], to: ['cold'] },
  rest: { from: ['cold'], to: [] },
  need_also: { from: ['ready'], to: [] },
  claim_successor: { from: ['ready'], to: [] },
  successor_ready: { from: ['ready'], to: [] },
  successor_failed: { from: ['ready'], to: [] },
  let_successor_go: { from: ['ready'], to: [] },
  drop_successor: { from: ['ready'], to: [] },
  leave_draining: { from: ['ready'], to: [] },
  end_drain: { from: ['ready'], to: [] },
  drained: { from: ['ready'], to: [] },
};

/**
 * `record + command + now → new record, entry and effects, or a refusal`. Pure: the same reading and command give the same commit.
 * The result is made against the token of the reading, so it lands only if nobody changed or joined the instance meanwhile.
 */
export function transition(reading: Reading, command: Command): Commit | Refusal {
  const state = reading.record?.state ?? 'cold';
  if (!transitions[command.kind].from.includes(state)) return { refused: 'state', state };
  const change = changeFor(reading, command);
  if ('refused' in change) return { refused: change.refused, state };
  const { record, ...rest } = change;
  return { ...rest, expected: reading.token, record: { ...record, revision: mint(reading.token, reading.nowUs) } };
}

function changeFor(reading: Reading, command: Command): Change | Pick<Refusal, 'refused'> {
  const record = reading.record;
  switch (command.kind) {
    case 'want':
      return begin.want(reading, command);
    case 'add_dependent':
      return begin.addDependent(reading, command);
    default:
      return record === undefined ? { refused: 'state' } : changeOf(reading, record, command);
  }
}

function changeOf(
  reading: Reading,
  record: LedgerRecord,
  command: Exclude<Command, { kind: 'want' | 'add_dependent' }>,
): Change | Pick<Refusal, 'refused'> {
  switch (command.kind) {
    case 'drop_dependents':
      return begin.dropDependents(reading, record, command);
    case 'note_unwanted':
      return begin.noteUnwanted(reading, record);
    case 'note_wanted':
      return begin.noteWanted(reading, record);
    case 'queue':
      return begin.queue(reading, record, command);
    case 'wait':
      return begin.wait(reading, record);
    case 'fail_dependency':
      return begin.failDependency(reading, record, command);
    case 'refuse':
      return begin.refuse(reading, record, command);
    case 'claim':
      return attempt.claim(reading, record, command);
    case 'progress':
      return attempt.progress(record, command);
    case 'ready':
      return attempt.ready(reading, record, command);
    case 'attempt_failed':
      return attempt.failed(reading, record, command);
    case 'give_up':
      return attempt.giveUp(reading, record, command);
    case 'let_go':
      return attempt.letGo(record, command);
    case 'lose':
      return end.lose(reading, record, command);
    case 'stop':
      return end.stop(reading, record, command);
    case 'stopped':
      return end.stopped(reading, record, command);
    case 'request_stop':
      return end.requestStop(reading, record);
    case 'clear':
      return end.clear(reading, record);
    case 'cancel':
      return end.cancel(record);
    case 'rest':
      return end.rest(record);
    case 'need_also':
      return succession.needAlso(record, command);
    case 'claim_successor':
      return succession.claim(reading, record, command);
    case 'successor_ready':
      return succession.ready(reading, record, command);
    case 'successor_failed':
      return succession.failed(reading, record, command);
    case 'let_successor_go':
      return succession.letGo(record, command);
    case 'drop_successor':
      return succession.drop(record, command);
    case 'leave_draining':
      return succession.leave(record, command);
    case 'end_drain':
      return succession.endDrain(record, command);
    case 'drained':
      return succession.drained(record, command);
  }
}
