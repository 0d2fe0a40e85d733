import process from 'node:process';
import { bindName } from './abstract-name.ts';

/** Ports that runs of this process have, or are about to have. Shared by all drivers in the process. */
const heldHere = new Set<number>();

/** Given back by disposing. */
export type PortLock = AsyncDisposable & { readonly port: number };

/**
 * Takes a port for a run, before its service listens there: undefined if another run has it. On Linux the lock holds
 * across the processes of a host: a socket in the abstract namespace, which is as wide as the network namespace that the
 * port is in, and vanishes with its process. Elsewhere it holds within this process.
 */
export async function lockPort(
  port: number,
  { acrossHost = process.platform === 'linux' } = {},
): Promise<PortLock | undefined> {
  if (heldHere.has(port)) return undefined;
  heldHere.add(port);
  const name = acrossHost ? await bindName(`reveille-port-${port}`) : undefined;
  if (name === 'taken') {
    heldHere.delete(port);
    return undefined;
  }
  return {
    port,
    async [Symbol.asyncDispose]() {
      await name?.[Symbol.asyncDispose]();
      heldHere.delete(port);
    },
  };
}
