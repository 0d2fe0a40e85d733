import type { InstanceKey, LedgerRecord } from '@reveille/contracts';
import type { Plan, Reading } from '@reveille/orchestration';
import { expect, test } from 'vitest';
import { PlanKnowledge } from '../../src/deliver/plan-knowledge.ts';
import { LedgerClock } from '../../src/want/ledger-clock.ts';
import { SeenGenerations } from '../../src/want/seen-generations.ts';

const instance = 'store~global' as InstanceKey;
const plan = { target: instance, instances: [{ instance, dependencies: [] }] } as unknown as Plan;

function record(revision: number, more: Partial<LedgerRecord> = {}): LedgerRecord {
  return { instance, generation: 1, revision, state: 'starting', ...more } as LedgerRecord;
}

test('what was on its way when the ledger was emptied is no news of what is gone', () => {
  const knowledge = new PlanKnowledge(plan, { clock: new LedgerClock(), seen: new SeenGenerations(), freshMs: 1000 });
  knowledge.apply([record(10)]);
  const gone = { instance, record: undefined, nowUs: 20 } as Reading;
  expect(knowledge.hear([gone])?.after.size).toBe(0);
  // The ledger was emptied, and a relay is late.
  expect(knowledge.apply([record(9, { state: 'queued' })])).toBeUndefined();
  expect(knowledge.apply([record(10)])).toBeUndefined();
  expect(knowledge.apply([record(21, { generation: 21, state: 'waiting' })])?.after.get(instance)?.state).toBe(
    'waiting',
  );
});
