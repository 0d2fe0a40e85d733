import type { Endpoint, LiveProbe } from '@reveille/contracts';
import type { CommandContext } from '../process/command-context.ts';
import { lookAt } from './look-at.ts';

/** `refused`: nothing listens where it should. */
export type Liveness = { alive: true } | { alive: false; reason: string; refused: boolean };

/**
 * One look at a ready service. How many failures make it lost is for the caller to count.
 * @throws the signal's reason on abort; DriverError for a probe that cannot be asked (`log`, `reported`).
 */
export async function checkAlive(
  probe: LiveProbe,
  endpoint: Endpoint,
  options: { signal: AbortSignal; command?: CommandContext },
): Promise<Liveness> {
  options.signal.throwIfAborted();
  const look = await lookAt(probe, endpoint, options);
  options.signal.throwIfAborted();
  return look.ok ? { alive: true } : { alive: false, reason: look.reason, refused: look.refused };
}
