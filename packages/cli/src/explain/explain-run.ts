import type { InstanceKey } from '@reveille/contracts';
import {
  type Broker,
  explain,
  type Explanation,
  type InstanceTimeline,
  instanceTimeline,
  partOf,
  type Run,
  type RunsBy,
  type RunWait,
} from '@reveille/orchestration';

/** Reads the timelines of a run and explains it. @param by how it was found: the wait of that user or session is explained */
export async function explainRun({ ledger, timelines }: Broker, whole: Run, by: RunsBy): Promise<Explanation> {
  const wait = waitOf(whole, by);
  const run = partOf(whole, { target: wait?.target, entrypoint: by.by === 'entrypoint' ? by.value : undefined });
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
  return explain(run, new Map(found), now, wait);
}

/** Generations of one instance that are read, the newest: something that comes and goes all the time is explained by these. */
const generationsLimit = 20;

/** Of a user who came more than once the last wait, unless that user was told an end before and has left since. */
function waitOf({ waits }: Run, by: RunsBy): RunWait | undefined {
  if (by.by === 'session') return waits.find(({ session }) => session === by.value);
  const own = by.by === 'user' ? waits.filter(({ user }) => user === by.value) : [];
  return own.findLast(({ outcome }) => outcome !== 'left' && outcome !== 'cancelled') ?? own.at(-1);
}
