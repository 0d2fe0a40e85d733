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
    if (record !== undefined && isOwn && !generations.has(instance)) generations.set(instance, [record.generation]);
  }
  const timelineOf = async (instance: InstanceKey, generation: number): Promise<InstanceTimeline | undefined> => {
    const { entries, keptBefore } = await timelines.read(instance, generation);
    return instanceTimeline(entries, now, keptBefore);
  };
  const found = await Promise.all(
    [...generations].map(async ([instance, all]): Promise<[InstanceKey, InstanceTimeline[]]> => {
      const read = await Promise.all(
        all.slice(-generationsLimit).map((generation) => timelineOf(instance, generation)),
      );
      return [instance, read.filter((one) => one !== undefined)];
    }),
  );
  return explain(run, new Map(found), now, waitOf(run, by));
}

/** Generations of one instance that are read, the newest: something that comes and goes all the time is explained by these. */
const generationsLimit = 20;

function waitOf({ waits }: Run, by: RunsBy): RunWait | undefined {
  if (by.by === 'session') return waits.find(({ session }) => session === by.value);
  return by.by === 'user' ? waits.find(({ user }) => user === by.value) : undefined;
}
