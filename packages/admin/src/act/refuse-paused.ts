import { Problem } from '../http/problem.ts';
import type { OperatorParts } from './operator-parts.ts';

/** @throws Problem when one of these services, or the entrypoint, is paused: nothing of it would start */
export async function refusePaused(
  { broker }: OperatorParts,
  services: readonly string[],
  entrypoint?: string,
): Promise<void> {
  const paused = (await broker.operations.pauses()).filter(({ target }) =>
    target.kind === 'service' ? services.includes(target.name) : target.name === entrypoint,
  );
  if (paused.length === 0) return;
  const names = paused.map(({ target }) => `the ${target.kind} ${target.name}`);
  throw new Problem('paused', `Paused: ${names.join(', ')}. Resume it first.`);
}
