import { Program } from '../stage/deployable.ts';

/** A bare WebSocket echo server in a process of its own. */
export async function startBareServer(): Promise<{ program: Program; url: string } & AsyncDisposable> {
  const listening = Promise.withResolvers<string>();
  const program = new Program({
    name: 'the bare server',
    args: [new URL('../service/bare-echo.ts', import.meta.url).pathname],
    env: {},
    onLine: (port) => listening.resolve(`ws://127.0.0.1:${port}`),
  });
  const url = await Promise.race([listening.promise, program.died()]);
  return { program, url, [Symbol.asyncDispose]: () => program[Symbol.asyncDispose]() };
}
