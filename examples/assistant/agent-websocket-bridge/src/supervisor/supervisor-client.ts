import { readLines } from './read-lines.ts';
import { isLast, refusal, runEvent, type Refusal, type RunEvent } from './run-event.ts';

const READY_TIMEOUT_MS = 900;
/** Pauses before each further try to follow a run whose stream broke: a supervisor that lives answers the first. */
const FOLLOW_PAUSES_MS = [50, 100, 200, 400, 800] as const;

export interface RunOrder {
  tenant: string;
  user: string;
  session: string;
  message: { id: string; text: string; files?: unknown; prices?: unknown };
}

/** The supervisor, or the run in it, is gone. */
export class SupervisorLost extends Error {
  constructor(options?: ErrorOptions) {
    super('the supervisor or the run in it is gone', options);
    this.name = 'SupervisorLost';
  }
}

export interface StartedRun {
  readonly id: string;
  /** Every event of the run in order, up to its last. @throws SupervisorLost when it cannot be heard to its end */
  events(signal: AbortSignal): AsyncGenerator<RunEvent, void>;
}

/** The supervisor's interface, as the bridge uses it. */
export class SupervisorClient {
  readonly #base: string;

  constructor(baseUrl: string) {
    this.#base = baseUrl;
  }

  /** Whether the supervisor says that it is ready. */
  async isReady(): Promise<boolean> {
    try {
      const response = await fetch(new URL('/readyz', this.#base), { signal: AbortSignal.timeout(READY_TIMEOUT_MS) });
      await response.body?.cancel();
      return response.ok;
    } catch {
      // Away is not ready; the caller says so.
      return false;
    }
  }

  /** Resolves when the supervisor has taken the message. @throws SupervisorLost when it cannot be reached */
  async start(
    order: RunOrder,
    traceparent: string | undefined,
    signal: AbortSignal,
  ): Promise<StartedRun | { refused: Refusal }> {
    const headers = { 'content-type': 'application/json', ...(traceparent === undefined ? {} : { traceparent }) };
    const init = { method: 'POST', headers, body: JSON.stringify(order), signal };
    const response = await reach(new URL('/runs', this.#base), init);
    if (!response.ok) return { refused: refusal.parse(await response.json()).error };
    const id = response.headers.get('x-run-id');
    if (id === null) throw new Error('the supervisor did not name the run');
    return { id, events: (until) => this.#events(id, response, until) };
  }

  /** Asks the supervisor to end a run; the run itself says that it did. @throws SupervisorLost when it cannot be asked */
  async cancel(run: string, signal: AbortSignal): Promise<void> {
    const response = await reach(new URL(`/runs/${run}/cancel`, this.#base), { method: 'POST', signal });
    await response.body?.cancel();
    // Unknown: it has ended and been forgotten, so there is nothing left to end.
    if (!response.ok && response.status !== 404) throw new SupervisorLost();
  }

  async *#events(id: string, first: Response, signal: AbortSignal): AsyncGenerator<RunEvent, void> {
    let seen = 0;
    for (let response: Response | undefined = first; ; response = await this.#follow(id, seen, signal)) {
      try {
        for await (const event of eventsIn(response)) {
          seen = event.n;
          yield event;
          if (isLast(event)) return;
        }
      } catch (error) {
        signal.throwIfAborted();
        if (!isBrokenStream(error)) throw error;
      }
    }
  }

  async #follow(id: string, after: number, signal: AbortSignal): Promise<Response> {
    const url = new URL(`/runs/${id}/events?after=${after}`, this.#base);
    for (const pauseMs of FOLLOW_PAUSES_MS) {
      await pause(pauseMs, signal);
      const response = await fetch(url, { signal }).catch(() => undefined);
      signal.throwIfAborted();
      if (response?.ok === true) return response;
      // It is there and does not know the run: another one has taken its place.
      if (response?.status === 404) break;
    }
    throw new SupervisorLost();
  }
}

async function* eventsIn(response: Response): AsyncGenerator<RunEvent, void> {
  if (response.body === null) return;
  for await (const line of readLines(response.body)) yield runEvent.parse(JSON.parse(line));
}

async function reach(url: URL, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (cause) {
    init.signal?.throwIfAborted();
    throw new SupervisorLost({ cause });
  }
}

/** `fetch` tells a connection that broke within the body by a TypeError, "terminated". */
function isBrokenStream(error: unknown): boolean {
  return error instanceof TypeError;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(done, ms);
    function done(): void {
      signal.removeEventListener('abort', done);
      clearTimeout(timer);
      if (signal.aborted) reject(signal.reason as Error);
      else resolve();
    }
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });
}
