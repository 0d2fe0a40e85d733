import type { InstanceRow } from '../ledger/instance-row.ts';
import { generationText, scopeText } from './instance-lines.ts';
import { printableLine } from './printable.ts';

/** One change of an instance in a line; undefined for a change that says nothing to a person (an edge more or less). */
export function changeLine(before: InstanceRow | undefined, row: InstanceRow, now: number): string | undefined {
  const what = changeWords(before, row);
  if (what === undefined) return undefined;
  const at = new Date(now).toISOString().slice(11, 23);
  return `${at}  ${row.service} (${scopeText(row.scope)})  ${what}`;
}

function changeWords(before: InstanceRow | undefined, row: InstanceRow): string | undefined {
  const failure = row.failure === undefined || row.state === 'ready' ? '' : `: ${failureText(row.failure)}`;
  const isNewRun =
    before?.generation !== row.generation || before.state !== row.state || before.attempt !== row.attempt;
  if (isNewRun) {
    const from = before === undefined || before.state === row.state ? '' : `${before.state} → `;
    const attempt = row.attempt > 1 ? `, attempt ${row.attempt}` : '';
    const at = row.state === 'ready' && row.endpoint !== undefined ? ` at ${row.endpoint}` : '';
    return `${from}${row.state}${at} (generation ${generationText(row.generation)}${attempt})${failure}`;
  }
  const progress = progressText(row);
  return progress !== undefined && progress !== progressText(before) ? progress : undefined;
}

function progressText({ state, progress }: InstanceRow): string | undefined {
  if (progress === undefined || state !== 'starting') return undefined;
  const percent = progress.percent === undefined ? '' : ` ${Math.round(progress.percent)} %`;
  return `${printableLine(progress.phase)}${progress.detail === undefined ? '' : `: ${printableLine(progress.detail)}`}${percent}`;
}

function failureText({ code, message }: NonNullable<InstanceRow['failure']>): string {
  return `${code}: ${printableLine(message)}`;
}
