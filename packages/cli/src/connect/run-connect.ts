import { once } from 'node:events';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { connect, type Json } from '@reveille/client';
import type { CliContext } from '../cli/context.ts';
import { cliVersion } from '../cli/version.ts';
import { createProgress } from '../progress/create-progress.ts';
import type { ProgressForm } from '../progress/progress.ts';
import type { Ending } from '../cli/ending.ts';
import { closedEnding } from './closed-ending.ts';
import { mostMessageBytes, readMessageFiles } from './message-files.ts';
import { watchStops } from '../cli/stops.ts';
import { Talk } from './talk.ts';

export type ConnectCommandOptions = {
  readonly url: string;
  readonly token?: string;
  readonly as?: string;
  readonly tenant?: string;
  readonly send?: string;
  readonly file: readonly string[];
  readonly data?: Json;
  readonly timeout?: number;
  readonly retry: boolean;
  readonly json: boolean;
  readonly progress: ProgressForm;
};

/** Who to be at an edge without authentication when only the tenant is said; the edge's own default. */
const defaultUser = 'dev';
/** An address where nobody is is told within a second or two; an edge that was there gets half a minute to come back. */
const reconnect = { initialAttempts: 3, attempts: 10 };
const envelopeBytes = 65_536;

/** Connects to an entrypoint, sends what there is to send, prints what comes back. Resolves with the exit status. */
export async function runConnect(
  entrypoint: string,
  options: ConnectCommandOptions,
  { terminal }: CliContext,
): Promise<number> {
  // Before anything is woken: a message that cannot be sent is no reason to wake anybody.
  const files = await readMessageFiles(options.file);
  const { url, token, as, tenant } = options;
  const ended = Promise.withResolvers<Ending>();
  using progress = createProgress(options.progress, entrypoint, terminal);
  using _stops = watchStops(options.timeout, ended.resolve);
  await using client = connect({
    url,
    entrypoint,
    client: { name: 'reveille-cli', version: cliVersion() },
    reconnect,
    outbox: { bytes: mostMessageBytes + envelopeBytes },
    ...(token === undefined ? {} : { token }),
    ...(as === undefined && tenant === undefined
      ? {}
      : { as: { user: as ?? defaultUser, ...(tenant === undefined ? {} : { tenant }) } }),
  });
  using talk = new Talk({
    ...{ client, entrypoint, terminal, progress, onEnd: ended.resolve },
    json: options.json,
    retry: options.retry,
  });
  void client.closed.then((closed) =>
    ended.resolve(closedEnding(closed, { entrypoint, url, welcomed: talk.welcomed })),
  );

  const withFiles = (text: string): Json => ({ text, ...(files.length === 0 ? {} : { files: files.splice(0) }) });
  using lines = new DisposableStack();
  if (options.data !== undefined || options.send !== undefined) {
    talk.send(options.data ?? withFiles(options.send ?? ''));
    talk.finish();
  } else {
    lines.defer(
      readLines(
        (line) => talk.send(withFiles(line)),
        () => talk.finish(),
      ),
    );
    if (process.stdin.isTTY) terminal.err('Type a message and press Enter; Ctrl-D ends.\n');
  }
  const { code, words } = await ended.promise;
  progress[Symbol.dispose]();
  if (words !== undefined) terminal.err(`reveille: ${words}\n`);
  return code;
}

/** Each line of standard input that says something, then its end. Returns the way to stop reading. */
function readLines(onLine: (line: string) => void, onEnd: () => void): () => void {
  const input = createInterface({ input: process.stdin, terminal: false });
  input.on('line', (line) => {
    if (line.trim() !== '') onLine(line);
  });
  void once(input, 'close').then(onEnd);
  return () => {
    input.close();
    process.stdin.unref();
  };
}
