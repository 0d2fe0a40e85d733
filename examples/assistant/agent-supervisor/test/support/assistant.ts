import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunEvent } from '../../src/runs/run-event.ts';
import { startService, type ServiceProcess } from './service-process.ts';

export type { RunEvent };
export type Completed = Extract<RunEvent, { type: 'agent_completed' }>;
export type Failed = Extract<RunEvent, { type: 'agent_failed' }>;

export interface Assistant extends AsyncDisposable {
  readonly tools: ServiceProcess;
  readonly threads: ServiceProcess;
  readonly supervisor: ServiceProcess;
}

/** A folder for conversations that outlive the services. */
export async function dataFolder(): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'reveille-assistant-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** The three services behind the bridge, real, with a database in `data`, else in a temporary folder of their own. */
export async function startAssistant(
  of: { data?: string; supervisorEnv?: Record<string, string> } = {},
): Promise<Assistant> {
  await using parts = new AsyncDisposableStack();
  const data = of.data ?? parts.use(await dataFolder()).path;
  const [tools, threads] = await Promise.all([
    startService('tool-classes').then((service) => parts.use(service)),
    startService('thread-service', { THREAD_DATA_DIR: join(data, 'threads') }).then((service) => parts.use(service)),
  ]);
  const supervisor = parts.use(await startSupervisor({ tools: tools.url, threads: threads.url }, of.supervisorEnv));
  const started = parts.move();
  return { tools, threads, supervisor, [Symbol.asyncDispose]: () => started.disposeAsync() };
}

export function startSupervisor(
  of: { tools: string; threads: string },
  env: Record<string, string> = {},
): Promise<ServiceProcess> {
  return startService('agent-supervisor', {
    REVEILLE_DEP_TOOL_CLASSES_URL: of.tools,
    REVEILLE_DEP_THREAD_SERVICE_URL: of.threads,
    ...env,
  });
}

export interface Question {
  user?: string;
  tenant?: string;
  session?: string;
  id?: string;
  text?: string;
  files?: { name: string; type?: string; content: string }[];
  prices?: {
    inputPerMillion: number;
    outputPerMillion: number;
    currency?: string;
    models?: { model: string; inputPerMillion: number; outputPerMillion: number }[];
  };
}

let asked = 0;

/** Sends a message as the bridge does; without a session it begins a conversation of its own. */
export function post(supervisorUrl: string, question: Question): Promise<Response> {
  asked += 1;
  const { user = 'ann', tenant = 'acme', session = `s${asked}`, id = `m${asked}`, text = '', files, prices } = question;
  const message = { id, text, ...(files && { files }), ...(prices && { prices }) };
  return fetch(new URL('/runs', supervisorUrl), {
    method: 'POST',
    body: JSON.stringify({ tenant, user, session, message }),
  });
}

/** All events of the run of a message. */
export async function ask(supervisorUrl: string, question: Question): Promise<RunEvent[]> {
  return eventsIn(await (await post(supervisorUrl, question)).text());
}

export function eventsIn(ndjson: string): RunEvent[] {
  return ndjson
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as RunEvent);
}

/** The last event, which must be a completed run. */
export function completed(events: readonly RunEvent[]): Completed {
  const last = events.at(-1);
  if (last?.type !== 'agent_completed') throw new Error(`the run did not complete: ${JSON.stringify(last)}`);
  return last;
}

export function failed(events: readonly RunEvent[]): Failed {
  const last = events.at(-1);
  if (last?.type !== 'agent_failed') throw new Error(`the run did not fail: ${JSON.stringify(last).slice(0, 500)}`);
  return last;
}

/** Events as they come, so that a test can act in the middle of a run. */
export async function* stream(response: Response): AsyncGenerator<RunEvent, void> {
  let rest = '';
  if (response.body === null) return;
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield JSON.parse(line) as RunEvent;
  }
}
