import type { InitializationReason } from '@reveille/contracts';
import { durationWords } from './amounts.ts';
import type { Start } from './start.ts';

/** Why the user waits. */
export const waitingTitles: Record<InitializationReason, string> = {
  cold: 'Starting what you need',
  joined: 'A start is already under way',
  lost: 'The service was lost and is being started again',
  replaced: 'A new version is being started',
  retry: 'Trying again',
};

/** How long it may still take, going by earlier starts; says so when nobody knows. */
export function remainingWords(start: Start, now: number): string {
  if (start.expectedAt === undefined) return 'no earlier start to estimate from';
  const left = start.expectedAt - now;
  if (left >= 950) return `about ${durationWords(Math.round(left / 1000) * 1000).replace('.0', '')} left`;
  return left > 0 ? 'about a second left' : 'a little longer than usual';
}
