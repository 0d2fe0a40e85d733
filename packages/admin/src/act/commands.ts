import type { InstanceKey, LedgerRecord } from '@reveille/contracts';
import { type Command, type Ledger, transition } from '@reveille/orchestration';
import { Problem } from '../http/problem.ts';

/** Conflicts in a row before an operator is asked to try again: each means that somebody else went forward. */
const conflictBound = 10;

type Asked = Extract<Command, { kind: 'request_stop' | 'clear' }>;

/**
 * Decides a command on a fresh reading and commits it, again after each conflict: the same core and the same compare-and-set as those of
 * the initializers, so that this API can do nothing to a record that they could not.
 * @returns the record after it; undefined when the command does not apply (any more)
 */
export async function applyCommand(
  ledger: Ledger,
  instance: InstanceKey,
  command: Asked,
): Promise<LedgerRecord | undefined> {
  for (let round = 0; round < conflictBound; round++) {
    const [reading] = await ledger.read([instance]);
    if (reading === undefined) throw new Error(`the ledger gave no reading of ${instance}`);
    const commit = transition(reading, command);
    // Asked for already: that holds.
    if ('refused' in commit) return commit.refused === 'no_change' ? reading.record : undefined;
    const { committed } = await ledger.commit(commit);
    if (committed) return commit.record;
  }
  throw new Problem('changing', `${instance} changes faster than it can be asked; try again.`);
}
