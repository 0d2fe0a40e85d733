import type { InstanceKey, LedgerRecord } from '@reveille/contracts';
import type { Reading } from '../port/index.ts';
import { isWanted } from './wanted.ts';

/** Who must look again after a change: what runs on top, and, when it may have ended, what it runs on. */
export function wakesAfter(before: LedgerRecord | undefined, after: LedgerRecord): InstanceKey[] {
  const isReplaced = after.state === 'ready' && before?.generation !== after.generation;
  const isDrained = before?.draining !== undefined && after.draining === undefined;
  if (before?.state === after.state && !isReplaced && !isDrained) return [];
  switch (after.state) {
    case 'ready':
    case 'lost':
    case 'stopping':
      return after.dependents;
    case 'failed':
      return before?.dependents ?? after.dependents;
    case 'cold':
      return after.dependents;
    case 'waiting':
    case 'queued':
    case 'starting':
      return [];
  }
}

/** It needs its dependencies no more: they may forget it. Cold but wanted, it is about to start again on top of them. */
export function leavesDependencies(before: Reading, after: LedgerRecord): boolean {
  if (after.dependencies.length === 0 || before.record?.state === after.state) return false;
  return after.state === 'failed' || (after.state === 'cold' && !isWanted(before));
}
