import type { ServiceName } from '@reveille/contracts';
import { type CriticalPath, criticalPath, levels, type Plan } from '@reveille/orchestration';
import type { History } from '../plan/history.ts';
import { durationText } from './duration.ts';
import { scopeText } from './instance-lines.ts';
import { tableLines } from './table.ts';

/** A plan on paper: what is started in which order, what it needs, and how long that took lately. */
export function expectedPlanLines(plan: Plan, history: History, columns: number): string[] {
  const rows = levels(plan).flatMap((row, level) =>
    row.map((planned, index) => [
      index === 0 ? String(level) : '',
      planned.service,
      scopeText(planned.scope),
      planned.dependencies.map((key) => key.slice(0, key.indexOf('~'))).join(', ') || '–',
      expectedText(planned.service, history),
    ]),
  );
  return [
    ...tableLines(['LEVEL', 'SERVICE', 'SCOPE', 'NEEDS', 'EXPECTED'], rows, columns),
    '',
    ...(history.known
      ? pathLines(criticalPath(plan, (service) => history.medians.get(service)))
      : [`There is no history of starts, so no times are expected: ${history.why}.`]),
  ];
}

function expectedText(service: ServiceName, history: History): string {
  const median = history.known ? history.medians.get(service) : undefined;
  return median === undefined ? '–' : durationText(median);
}

function pathLines({ path, totalMs, unknown }: CriticalPath): string[] {
  const names = path.map((key) => key.slice(0, key.indexOf('~'))).join(' → ');
  const least = unknown.length === 0 ? 'about' : 'at least';
  return [
    `Critical path: ${names}, ${least} ${durationText(totalMs)} from cold (medians of the last starts).`,
    ...(unknown.length === 0 ? [] : [`Without history: ${unknown.join(', ')}.`]),
  ];
}
