import type { Endpoint } from '@reveille/contracts';
import { DriverError, type StartRequest } from '@reveille/orchestration';
import { endpointFromUrl, endpointOf } from '../endpoint.ts';
import { createRedactor, secretsOf } from '../log/redact.ts';
import { createRender } from '../process/render.ts';
import { readSecrets } from '../secrets.ts';
import { type Answer, type Call, callOut, wordsOf } from './call.ts';

/** How the run of a request is, as the one who runs it says. `endpoint`: undefined while that is not known. */
export type Told = { runs: true; endpoint: Endpoint | undefined } | { runs: false };

type Options = { signal: AbortSignal; timeoutMs: number };

/** The calls of one run, their templates filled in. */
export class Calls {
  readonly #request: StartRequest;
  readonly #secrets: ReadonlyMap<string, string>;
  readonly #redact: (text: string) => string;

  /** @throws DriverError for a service that is started otherwise. */
  constructor(request: StartRequest, host: NodeJS.ProcessEnv) {
    this.#request = request;
    if (request.spec.start.http === undefined)
      throw new DriverError('driver_error', `the service "${request.service}" is not started by a call`);
    this.#secrets = readSecrets(request, host);
    this.#redact = createRedactor(secretsOf({}, this.#secrets.values()));
  }

  get canTell(): boolean {
    return this.#request.spec.start.http?.status !== undefined;
  }

  get canStop(): boolean {
    return this.#request.spec.start.http?.stop !== undefined;
  }

  /** @throws DriverError when it is refused, or the answer cannot be understood. */
  async start(options: Options): Promise<{ endpoint: Endpoint | undefined }> {
    const { call, answer } = await this.#call('start', {}, options);
    if (!isGood(answer)) throw refusal(call, answer);
    return { endpoint: this.#endpointIn(answer, call) };
  }

  /** @throws DriverError when nothing certain is said. */
  async status(options: Options): Promise<Told> {
    const { call, answer } = await this.#call('status', {}, options);
    if (isAbsent(answer)) return { runs: false };
    if (!isGood(answer)) throw refusal(call, answer);
    if (fieldOf(answer, 'running') === false) return { runs: false };
    return { runs: true, endpoint: this.#endpointIn(answer, call) };
  }

  /** Asks for the end. What is not there has ended. @throws DriverError when it is refused. */
  async stop(graceMs: number, options: Options): Promise<void> {
    const { call, answer } = await this.#call('stop', { 'reveille-grace-ms': graceMs.toString() }, options);
    if (!isGood(answer) && !isAbsent(answer)) throw refusal(call, answer);
  }

  async #call(
    which: 'start' | 'stop' | 'status',
    more: Record<string, string>,
    options: Options,
  ): Promise<{ call: Call; answer: Answer }> {
    const call = this.#rendered(which, more);
    return { call, answer: await callOut(call, { ...options, redact: this.#redact }) };
  }

  #rendered(which: 'start' | 'stop' | 'status', more: Record<string, string>): Call {
    const { spec, name, environment } = this.#request;
    const asked = spec.start.http?.[which];
    if (asked === undefined) throw new DriverError('driver_error', `the catalog names no call for "${which}"`);
    const { port } = spec.endpoint;
    const fixed = typeof port === 'number' ? port : undefined;
    const render = createRender(this.#request, fixed);
    const renderHeader = createRender(this.#request, fixed, this.#secrets);
    const headers = Object.entries(asked.headers ?? {}).map(([key, value]) => [key, renderHeader(value)] as const);
    const url = render(asked.url);
    if (!/^https?:$/.test(URL.parse(url)?.protocol ?? ''))
      throw new DriverError('driver_error', `the call for "${which}" has no http URL`);
    const traceparent = environment['TRACEPARENT'];
    return {
      method: asked.method,
      url,
      headers: {
        'user-agent': 'reveille',
        'reveille-run': name,
        ...(traceparent === undefined ? {} : { traceparent }),
        ...Object.fromEntries(headers),
        ...more,
      },
    };
  }

  /** What the answer says; else the fixed port of the catalog on the host that was called for the start. */
  #endpointIn(answer: Answer, call: Call): Endpoint | undefined {
    const { endpoint } = this.#request.spec;
    const url = fieldOf(answer, 'url');
    if (url !== undefined && url !== null) {
      const found = typeof url === 'string' ? endpointFromUrl(url) : undefined;
      if (found !== undefined) return found;
      throw new DriverError(
        'driver_error',
        `${wordsOf(call)} answered with a "url" that is no http URL: ${answer.said}`,
      );
    }
    if (typeof endpoint.port !== 'number') return undefined;
    const { hostname } = new URL(this.#rendered('start', {}).url);
    return endpointOf(endpoint, hostname.replace(/^\[(.*)\]$/, '$1'), endpoint.port);
  }
}

function isGood({ status }: Answer): boolean {
  return status >= 200 && status < 300;
}

function isAbsent({ status }: Answer): boolean {
  return status === 404 || status === 410;
}

function fieldOf({ json }: Answer, field: string): unknown {
  return typeof json === 'object' && json !== null ? (json as Record<string, unknown>)[field] : undefined;
}

function refusal(call: Call, { status, said }: Answer): DriverError {
  const words = `${wordsOf(call)} answered with status ${status}`;
  return new DriverError('driver_error', said === '' ? words : `${words}: ${said}`);
}
