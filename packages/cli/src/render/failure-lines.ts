import { type Failure, failureCodes } from '@reveille/contracts';
import { durationText } from './duration.ts';
import { printableLine } from './printable.ts';
import type { Style } from './style.ts';

/** A failed initialization for the person who waited for it: what, where, why, and when to come back. */
export function failureLines(
  of: {
    entrypoint: string;
    failure: Failure;
    retryable: boolean;
    retryAfterMs?: number | undefined;
    traceId: string;
    /** It is tried again without the user's doing. */
    willRetry?: boolean;
  },
  style: Style,
): string[] {
  const { failure } = of;
  const ended = failure.exitCode !== undefined ? `exit code ${failure.exitCode}` : failure.signal;
  const facts: [string, string | undefined][] = [
    ['what', `${failure.code}: ${printableLine(failure.message)}`],
    ['phase', `${printableLine(failure.phase)}${attempts(failure)}`],
    ['ended', ended],
    ['trace', of.traceId],
    ['again', of.willRetry === true ? undefined : againWords(of)],
  ];
  const log = (failure.logTail ?? []).map((line) => `    ${style.dim('|')} ${printableLine(line)}`);
  return [
    style.red(
      `✖ ${of.entrypoint} is not available. ${printableLine(failure.name)}: ${failureCodes[failure.code].public}`,
    ),
    ...facts.flatMap(([label, value]) => (value === undefined ? [] : [`  ${style.dim(label.padEnd(6))} ${value}`])),
    ...(log.length === 0 ? [] : [`  ${style.dim('log')}`, ...log]),
  ];
}

function attempts({ attempt, attempts: of }: Failure): string {
  return attempt > 0 && of > 0 ? `, attempt ${attempt} of ${of}` : '';
}

function againWords({
  retryable,
  retryAfterMs = 0,
}: {
  retryable: boolean;
  retryAfterMs?: number | undefined;
}): string {
  if (!retryable) return 'not before somebody has mended it';
  return retryAfterMs === 0 ? 'now' : `in ${durationText(retryAfterMs)} (or let --retry wait for it)`;
}
