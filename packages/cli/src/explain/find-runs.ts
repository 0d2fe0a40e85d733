import { scopeKeysOf } from '@reveille/contracts';
import type { Run, RunsBy, Timelines } from '@reveille/orchestration';
import { CliRefusal } from '../cli/refusal.ts';

/** Which initialization is meant. At most one of `id` to `trace` is given. */
export type RunChoice = {
  readonly id?: string;
  readonly last: boolean;
  readonly entrypoint?: string;
  readonly user?: string;
  readonly tenant: string;
  readonly session?: string;
  readonly trace?: string;
};

export type FoundRun = { run: Run; by: RunsBy };

/** How many of the newest are looked at for one that says what it was about. */
const lookedAt = 10;

/** @throws CliRefusal in words when nothing is kept of it, or several are meant */
export async function findRun(timelines: Timelines, choice: RunChoice): Promise<FoundRun> {
  const { id, entrypoint, user, session, trace } = choice;
  const given = [id, entrypoint, user, session, trace].filter((one) => one !== undefined);
  if (given.length > 1 || (given.length === 1 && choice.last))
    throw new CliRefusal('give one of ID, --last, --entrypoint, --user, --session and --trace');
  if (id !== undefined) {
    const run = await timelines.run(id);
    if (run !== undefined) return { run, by: { by: 'all' } };
  }
  const by = await indexOf(choice);
  for (const found of await timelines.runs(by, lookedAt)) {
    const run = await timelines.run(found);
    if (run !== undefined) return { run, by };
  }
  throw new CliRefusal(
    given.length === 0
      ? 'nothing is kept of any initialization yet (they are kept for 24 hours, and only when users had to wait)'
      : `nothing is kept of an initialization of "${given[0]}" (they are kept for 24 hours, and only when users had to wait)`,
    1,
  );
}

async function indexOf({ id, entrypoint, user, tenant, session, trace }: RunChoice): Promise<RunsBy> {
  if (user !== undefined) return { by: 'user', value: (await scopeKeysOf({ user, tenant })).user };
  if (entrypoint !== undefined) return { by: 'entrypoint', value: entrypoint };
  if (session !== undefined) return { by: 'session', value: session };
  const traceId = trace ?? id;
  return traceId === undefined ? { by: 'all' } : { by: 'trace', value: traceId };
}

/** Earlier runs of the same entrypoint, the newest first. */
export async function earlierRuns(timelines: Timelines, { head }: Run, count: number): Promise<Run[]> {
  // Twice as many: those that came later, and those that nothing is kept of, do not count.
  const ids = await timelines.runs({ by: 'entrypoint', value: head.entrypoint }, count * 2 + 1);
  const runs = await Promise.all(ids.map((one) => timelines.run(one)));
  return runs
    .filter((run) => run !== undefined)
    .filter((run) => run.head.startedAt < head.startedAt && run.head.initialization !== head.initialization)
    .slice(0, count);
}
