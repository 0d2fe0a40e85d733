import type { Stuck, SurveyOfRedis } from '@reveille/admin';
import type { Member } from '@reveille/orchestration';
import { durationText } from '../render/duration.ts';
import { fault, type Finding, ok, warning } from './finding.ts';

/** Entries that wait for a relay, and jobs that wait for an initializer, above which somebody should look. */
const manyEntries = 1000;
const manyJobs = 100;

const kinds = [
  ['edge', 'users cannot connect'],
  ['initializer', 'nothing can be started or watched'],
  ['relay', 'users see progress only every two seconds'],
] as const;

/** Who is alive, for how long, and what is missing. `now`: epoch ms of this machine. */
export function judgeMembers(members: readonly Pick<Member, 'kind' | 'startedAt'>[], now: number): Finding[] {
  return kinds.map(([kind, consequence]) => {
    const ages = members.filter((member) => member.kind === kind).map(({ startedAt }) => now - startedAt);
    const what = `Deployables, ${kind}s`;
    if (ages.length === 0) return warning(what, `none is alive: ${consequence}.`);
    return ok(what, `${ages.length} alive, for ${ages.map((age) => durationText(Math.max(0, age))).join(', ')}`);
  });
}

export function judgeUse({ queues, journals }: NonNullable<SurveyOfRedis['use']>): Finding[] {
  const unread = journals.reduce((sum, one) => sum + (one.unread ?? 0), 0);
  const pending = journals.reduce((sum, one) => sum + one.pending, 0);
  const journal = `${unread} entries not read, ${pending} not acknowledged, of ${journals.reduce((sum, one) => sum + one.length, 0)} kept`;
  return [
    unread + pending < manyEntries
      ? ok('Journal', journal)
      : warning(
          'Journal',
          `${journal}: users see old progress; when 10,000 of a partition are behind, some are lost. Start more relays.`,
        ),
    ...queues.map(({ queue, waiting, active, delayed, isPaused }) => {
      const [what, words] = [`Queue ${queue}`, `${waiting} waiting, ${active} running, ${delayed} delayed`];
      if (isPaused)
        return fault(
          what,
          `${words}; it is paused, so that nobody takes them. Somebody did that with another tool of BullMQ; resume it there.`,
        );
      return waiting < manyJobs ? ok(what, words) : warning(what, `${words}: starts wait. Start more initializers.`);
    }),
  ];
}

export function judgeInstances(known: number, stuck: readonly Stuck[]): Finding[] {
  if (stuck.length === 0) return [ok('Instances', `${known} known, none stuck`)];
  const each = stuck.map(({ instance, state, forMs }) => `${instance} ${state} for ${durationText(forMs)}`);
  return [
    fault(
      'Instances',
      `nobody gets on with ${each.join(', ')}.\nLook at the logs of the initializers: one has to run on the host that these need.`,
    ),
  ];
}
