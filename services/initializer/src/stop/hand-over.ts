import type { InstanceKey, LedgerRecord } from '@reveille/contracts';
import { withDeadline } from '@reveille/lifecycle';
import type { Ledger } from '@reveille/orchestration';
import type { Subject } from '../subject/subject.ts';
import type { Stopper } from './stopper.ts';

type Watched = { record: LedgerRecord; subject: Subject };

/** What depends on nothing that is left waits so long for its dependents to end, milliseconds; all of it has 20 s. */
const dependentsFirstMs = 3000;
/** Somebody who joins makes a stop conflict; it is then asked for again. */
const tries = 3;

/**
 * Before an initializer ends: what cannot outlive it is stopped, dependents before dependencies, and said to be stopped, so that
 * others start it again at once instead of finding it dead. What outlives it is left alone; its watch runs out and is taken by another.
 */
export async function handOver(of: {
  watcher: { watched(): Watched[] };
  stopper: Pick<Stopper, 'stop'>;
  ledger: Pick<Ledger, 'read'>;
}): Promise<void> {
  let left = of.watcher.watched().filter(({ record }) => record.host !== undefined);
  const stops: Promise<void>[] = [];
  while (left.length > 0) {
    const first = nobodyRunsOn(left);
    const level = Promise.all(first.map((one) => stopOne(one, of)));
    stops.push(level.then(() => undefined));
    left = left.filter((one) => !first.includes(one));
    // One that takes its time does not use up the time of all.
    if (left.length > 0) await withDeadline(level, dependentsFirstMs).catch(() => undefined);
  }
  await Promise.all(stops);
}

/** Those that none of the others depends on; all of them, should a changed catalog have made a ring. */
function nobodyRunsOn(left: Watched[]): Watched[] {
  const needed = new Set<InstanceKey>(left.flatMap(({ record }) => record.dependencies));
  const free = left.filter(({ record }) => !needed.has(record.instance));
  return free.length > 0 ? free : left;
}

async function stopOne(
  { record, subject }: Watched,
  { ledger, stopper }: Parameters<typeof handOver>[0],
): Promise<void> {
  for (let round = 0; round < tries; round++) {
    const [reading] = await ledger.read([record.instance]);
    if (reading?.record?.state !== 'ready' || reading.record.generation !== record.generation) return;
    await stopper.stop(reading, subject, 'requested');
  }
}
