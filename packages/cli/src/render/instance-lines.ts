import type { Scope } from '@reveille/contracts';
import type { InstanceRow } from '../ledger/instance-row.ts';
import { durationText } from './duration.ts';
import { printableLine } from './printable.ts';
import { tableLines } from './table.ts';

const heading = ['SERVICE', 'SCOPE', 'STATE', 'GENERATION', 'ATTEMPT', 'SINCE', 'USERS', 'ENDPOINT', 'OWNER', 'DETAIL'];

/** Instances as a table. `now` is of the same clock as their times. */
export function instanceLines(rows: readonly InstanceRow[], now: number, columns: number): string[] {
  const cells = rows.map((row) => [
    row.service,
    scopeText(row.scope),
    row.state,
    generationText(row.generation),
    row.attempt === 0 ? '–' : String(row.attempt),
    row.since === undefined ? '–' : durationText(Math.max(0, now - row.since)),
    row.interest === 0 ? '–' : `${row.interest} ${row.interest === 1 ? 'edge' : 'edges'}`,
    row.endpoint ?? '–',
    row.owner ?? '–',
    detailText(row, now),
  ]);
  return tableLines(heading, cells, columns);
}

/** Whose it is. */
export function scopeText({ kind, tenant, user }: Scope): string {
  switch (kind) {
    case 'global':
      return 'global';
    case 'tenant':
      return `tenant ${printableLine(tenant ?? '')}`;
    case 'user':
      return `user ${printableLine(user ?? '')}${tenant === undefined ? '' : ` of ${printableLine(tenant)}`}`;
  }
}

/** The end of a generation, which is what differs between two of them; logs carry it whole. */
export function generationText(generation: number): string {
  return generation === 0 ? '–' : `…${String(generation).slice(-8)}`;
}

function detailText(row: InstanceRow, now: number): string {
  const { state, progress, failure, cooldownUntil, update, draining } = row;
  if (update !== undefined) {
    const next = `update to ${generationText(update.generation)}`;
    const { code, message } = update.failure ?? {};
    return code === undefined ? `${next} starts` : `${next} failed: ${code}: ${printableLine(message ?? '')}`;
  }
  if (draining !== undefined)
    return `${generationText(draining.generation)} ends within ${durationText(Math.max(0, draining.until - now))}`;
  if (failure !== undefined && state !== 'ready') {
    const again =
      cooldownUntil !== undefined && cooldownUntil > now ? `, again in ${durationText(cooldownUntil - now)}` : '';
    return `${failure.code}${again}: ${printableLine(failure.message)}`;
  }
  if (progress === undefined || state !== 'starting') return '';
  const percent = progress.percent === undefined ? '' : ` ${Math.round(progress.percent)} %`;
  return `${printableLine(progress.detail ?? progress.phase)}${percent}`;
}
