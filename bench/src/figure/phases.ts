import { meanOf } from '../measure/samples.ts';
import type { ColdStart } from './cold-start.ts';

/**
 * The means of what the clocks along the way noted, in the order of time; together they are the whole start. The ledger notes
 * whole milliseconds, so a single phase of a single start is off by up to one, and a mean of many is not.
 */
export function phasesOf(starts: readonly ColdStart[]): { what: string; value: number }[] {
  const levels = Math.min(...starts.map(({ path }) => path.length));
  const mean = (of: (start: ColdStart) => number): number => meanOf(starts.map(of));
  const phases: { what: string; value: number }[] = [];
  for (let level = 0; level < levels; level += 1) {
    const at = (start: ColdStart) => step(start, level);
    const name = `level ${level + 1}`;
    phases.push(
      level === 0
        ? {
            what: 'hello → wanted (edge, wake-up job, reconcile)',
            value: mean((one) => at(one).wantedAt - one.helloAt),
          }
        : {
            what: `${name}: dependency ready → queued (reconcile)`,
            value: mean((one) => at(one).queuedAt - step(one, level - 1).readyAt),
          },
      ...(level === 0
        ? [{ what: `${name}: wanted → queued`, value: mean((one) => at(one).queuedAt - at(one).wantedAt) }]
        : []),
      {
        what: `${name}: queued → claimed (its turn, where it has to wait)`,
        value: mean((one) => at(one).claimedAt - at(one).queuedAt),
      },
      {
        what: `${name}: claimed → process born (adopt, port, spawn)`,
        value: mean((one) => at(one).bornAt - at(one).claimedAt),
      },
      { what: `${name}: the service itself`, value: mean((one) => at(one).saidAt - at(one).bornAt) },
      {
        what: `${name}: says ready → committed (report, commit)`,
        value: mean((one) => at(one).readyAt - at(one).saidAt),
      },
    );
  }
  phases.push({
    what: 'last ready → completed (journal, relay, edge, upstream handshake)',
    value: mean((one) => one.completedAt - step(one, one.path.length - 1).readyAt),
  });
  return phases;
}

function step({ path }: ColdStart, level: number) {
  const at = path[level];
  if (at === undefined) throw new Error(`there is no level ${level}`);
  const { wantedAt = 0, queuedAt = 0, claimedAt = 0, readyAt = 0 } = at.record.timings;
  return { wantedAt, queuedAt, claimedAt, readyAt, bornAt: at.start.bornAt, saidAt: at.start.readyAt };
}
