import { displayName, type Failure, type Service, type ServiceName } from '@reveille/contracts';
import type { Operations } from '@reveille/orchestration';
import { traceIdOf } from '@reveille/telemetry';

/** How old the knowledge of what is paused may be, milliseconds. What slips through meanwhile is stopped at its next look. */
const freshMs = 1000;

/** Which services an operator has paused. */
export class Pauses {
  readonly #operations: Operations;
  #known: { at: number; services: Promise<ReadonlySet<string>> } | undefined;

  constructor(operations: Operations) {
    this.#operations = operations;
  }

  async has(service: ServiceName): Promise<boolean> {
    return (await this.#services()).has(service);
  }

  #services(): Promise<ReadonlySet<string>> {
    const now = performance.now();
    if (this.#known === undefined || now - this.#known.at > freshMs) {
      const services = this.#read();
      this.#known = { at: now, services };
      services.catch(() => (this.#known = undefined));
    }
    return this.#known.services;
  }

  async #read(): Promise<ReadonlySet<string>> {
    const pauses = await this.#operations.pauses();
    return new Set(pauses.flatMap(({ target }) => (target.kind === 'service' ? [target.name] : [])));
  }
}

/** What whoever wants a paused service is told. */
export function maintenance(service: ServiceName, spec: Service, traceparent: string | undefined): Failure {
  return {
    code: 'maintenance',
    service,
    name: displayName(service, spec),
    phase: 'waiting',
    message: 'It is paused by an operator.',
    attempt: 0,
    attempts: 0,
    retryable: true,
    traceId: traceIdOf(traceparent ?? '') ?? '',
  };
}
