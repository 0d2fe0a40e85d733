import type { InstanceKey } from '@reveille/contracts';
import {
  type Broker,
  explain,
  type Explanation,
  type InstanceTimeline,
  instanceTimeline,
  type Run,
  type RunsBy,
  type RunWait,
} from '@reveille/orchestration';

/** Reads the timelines of a run and explains it. @param by how it was found: the wait of that user or session is explained */
export async function explainRun({ ledger, timelines }: Broker, run: Run, by: RunsBy): Promise<Explanation> {
  const keys = run.head.instances.map(({ instance }) => instance);
  const readings = await ledger.read(keys);
  const now = readings[0]?.now ?? Date.now();
  const generations = new Map(run.generations);
  // Noted by nobody yet (an edge or a relay died meanwhile): what the ledger says of it now.
  for (const { instance, record } of readings) {
    const isOwn = record?.origin?.initialization === run.head.initialization;
    if (record !== undefined && isOwn && !generations.has(instance)) generations.set(instance, record.generation);
  }
  const found = await Promise.all(
    [...generations].map(async ([instance, generation]): Promise<[InstanceKey, InstanceTimeline] | undefined> => {
      const { entries, keptBefore } = await timelines.read(instance, generation);
      const timeline = instanceTimeline(entries, now, keptBefore);
      return timeline === undefined ? undefined : [instance, timeline];
    }),
  );
  return explain(run, new Map(found.filter((one) => one !== undefined)), now, waitOf(run, by));
}

function waitOf({ waits }: Run, by: RunsBy): RunWait | undefined {
  if (by.by === 'session') return waits.find(({ session }) => session === by.value);
  return by.by === 'user' ? waits.find(({ user }) => user === by.value) : undefined;
}
