import { randomInt } from 'node:crypto';
import { DriverError } from '@reveille/orchestration';
import { isPortFree } from './port-probe.ts';
import { lockPort, type PortLock } from './port-lock.ts';

/**
 * Where automatic ports come from, last excluded: below what the common systems hand out to outgoing connections
 * (Linux from 32768, others from 49152), so that no connection takes the port between its choice and the service.
 */
export const AUTO_PORTS = { first: 20_000, last: 30_000 } as const;

/** How many ports are tried before the host is said to have none. */
const MAX_TRIES = 1000;

/** Chooses ports for runs, and keeps each for as long as its run lasts. */
export class PortPool {
  readonly #hosts: readonly string[];
  /** Goes round rather than at random: the attempt after one that found its port taken gets another. */
  #next = randomInt(AUTO_PORTS.first, AUTO_PORTS.last);

  /** `hosts`: addresses, besides the wildcard, that a service may listen on. */
  constructor(hosts: readonly string[]) {
    this.#hosts = hosts;
  }

  /** Nothing for a service that tells its port itself. @throws DriverError `port_in_use`, or the reason of the signal. */
  async take(wanted: number | 'auto' | 'reported', signal: AbortSignal): Promise<PortLock | undefined> {
    if (wanted === 'reported') return undefined;
    return wanted === 'auto' ? this.#any(signal) : this.#fixed(wanted);
  }

  /** A port that nothing listens on and no other run has. */
  async #any(signal: AbortSignal): Promise<PortLock> {
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      signal.throwIfAborted();
      const port = this.#next;
      this.#next = port + 1 < AUTO_PORTS.last ? port + 1 : AUTO_PORTS.first;
      const lock = await this.#tryPort(port);
      if (typeof lock !== 'string') return lock;
    }
    throw new DriverError(
      'port_in_use',
      `none of ${MAX_TRIES} ports between ${AUTO_PORTS.first} and ${AUTO_PORTS.last} is free on this host`,
    );
  }

  async #fixed(port: number): Promise<PortLock> {
    const lock = await this.#tryPort(port);
    if (typeof lock !== 'string') return lock;
    throw new DriverError('port_in_use', `port ${port} of this host is taken: ${lock}`);
  }

  async #tryPort(port: number): Promise<PortLock | string> {
    const lock = await lockPort(port);
    if (lock === undefined) return 'another service that Reveille started has it';
    if (await isPortFree(port, this.#hosts)) return lock;
    await lock[Symbol.asyncDispose]();
    return 'something else listens there, which Reveille did not start';
  }
}
