import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const ASSISTANT = join(import.meta.dirname, '../../..');

export interface ServiceProcess extends AsyncDisposable {
  readonly url: string;
  /** Phases that it reported on its way. */
  readonly phases: readonly string[];
  /** Ends it without warning. */
  kill(): Promise<void>;
  /** All that it wrote, once it has ended. */
  readonly output: Promise<string>;
}

/** A service of the assistant as a process of its own, started as Reveille starts it, ready when this resolves. */
export async function startService(folder: string, env: Record<string, string> = {}): Promise<ServiceProcess> {
  const phases: string[] = [];
  const ready = Promise.withResolvers<string>();
  const receiver = createServer(async (request, response) => {
    const report = JSON.parse(await text(request)) as { phase?: string; ready?: boolean; endpoint?: string };
    response.end('{}');
    if (report.phase !== undefined) phases.push(report.phase);
    if (report.ready === true) ready.resolve(String(report.endpoint));
  }).listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  const child = launch(folder, {
    REVEILLE_REPORT_URL: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`,
    REVEILLE_REPORT_TOKEN: 't',
    ...env,
  });
  void child.ended.then(({ code, stderr }) => ready.reject(new Error(`${folder} ended with ${code}: ${stderr}`)));
  try {
    const url = await ready.promise;
    const end = async (signal: NodeJS.Signals): Promise<void> => {
      child.kill(signal);
      await child.ended;
    };
    const output = child.ended.then(({ stdout, stderr }) => stdout + stderr);
    return { url, phases, output, kill: () => end('SIGKILL'), [Symbol.asyncDispose]: () => end('SIGTERM') };
  } finally {
    receiver.close();
    receiver.closeAllConnections();
  }
}

/** A service that is not expected to become ready, or not waited for. */
export function launch(
  folder: string,
  env: Record<string, string>,
): { kill(signal: NodeJS.Signals): void; ended: Promise<{ code: number | null; stdout: string; stderr: string }> } {
  const child = spawn(process.execPath, ['--conditions=@reveille/source', join(ASSISTANT, folder, 'src/main.ts')], {
    env: { PATH: process.env['PATH'], LOG_LEVEL: 'fatal', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const written = Promise.all([text(child.stdout), text(child.stderr)]);
  const ended = once(child, 'exit').then(async ([code]) => {
    const [stdout, stderr] = await written;
    return { code: code as number | null, stdout, stderr };
  });
  return { kill: (signal) => void child.kill(signal), ended };
}
