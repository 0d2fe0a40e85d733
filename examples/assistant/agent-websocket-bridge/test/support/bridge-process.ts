import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const MAIN = join(import.meta.dirname, '../../src/main.ts');

export interface BridgeProcess extends AsyncDisposable {
  readonly url: string;
  readonly phases: readonly string[];
}

export function launchBridge(env: Record<string, string>): {
  kill(signal: NodeJS.Signals): void;
  ended: Promise<{ code: number | null; output: string }>;
} {
  const child = spawn(process.execPath, ['--conditions=@reveille/source', MAIN], {
    env: { PATH: process.env['PATH'], LOG_LEVEL: 'fatal', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = Promise.all([text(child.stdout), text(child.stderr)]).then((both) => both.join(''));
  const ended = once(child, 'exit').then(async ([code]) => ({ code: code as number | null, output: await output }));
  return { kill: (signal) => void child.kill(signal), ended };
}

/** The bridge as a process of its own, started as Reveille starts it, ready when this resolves. */
export async function startBridge(env: Record<string, string>): Promise<BridgeProcess> {
  const phases: string[] = [];
  const ready = Promise.withResolvers<string>();
  const receiver = createServer(async (request, response) => {
    const report = JSON.parse(await text(request)) as { phase?: string; ready?: boolean; endpoint?: string };
    response.end('{}');
    if (report.phase !== undefined) phases.push(report.phase);
    if (report.ready === true) ready.resolve(String(report.endpoint));
  }).listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  const reportUrl = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
  const child = launchBridge({ REVEILLE_REPORT_URL: reportUrl, REVEILLE_REPORT_TOKEN: 't', ...env });
  void child.ended.then(({ code, output }) => ready.reject(new Error(`the bridge ended with ${code}: ${output}`)));
  try {
    const url = await ready.promise;
    return {
      url,
      phases,
      async [Symbol.asyncDispose]() {
        child.kill('SIGTERM');
        await child.ended;
      },
    };
  } finally {
    receiver.close();
    receiver.closeAllConnections();
  }
}
