import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, watch, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { serveSessions, serviceEnv, type UpstreamSession } from '@reveille/service-kit';
import type { ServiceEntry } from '../history/entry.ts';
import { hashOf } from '../history/hash.ts';
import { historyFile } from '../history/history.ts';

/**
 * A service that writes down its own life before it lives it: starts, readiness, exits, each message that it takes and the hash of
 * each thing that it says. `gated`: listens once the file `gate` is there. What a message may have it do: see `answer`.
 */
const { port, service = '', instance = '', generation = 0, user, tenant } = serviceEnv();
const flags = new Set(process.argv.slice(2));
const ran = { service, instance, generation, pid: process.pid, ...(user && { user }), ...(tenant && { tenant }) };

type Said = ServiceEntry extends infer Entry
  ? Entry extends ServiceEntry
    ? Omit<Entry, keyof typeof ran>
    : never
  : never;
function write(said: Said): void {
  appendFileSync(historyFile, `${JSON.stringify({ at: Date.now(), ...ran, ...said })}\n`);
}

process.on('SIGTERM', () => {
  write({ did: 'term' });
  if (!flags.has('stubborn')) process.exit(0);
});
process.on('exit', () => write({ did: 'exit' }));
write({ did: 'start' });

// What exits early, and works once the file `mended` is there.
if (flags.has('failing') && !existsSync('mended')) process.exit(7);
if (flags.has('early')) process.exit(0);
if (flags.has('floods')) await flood();
// Its parent ends once it is on its way, and it answers when that has ended: earlier it would have been ready with its parent for a moment.
if (flags.has('forked')) {
  const parent = process.ppid;
  writeFileSync('forked', '');
  while (process.ppid === parent) await pause(5);
}
if (flags.has('forks')) {
  const rest = process.argv.slice(1).map((arg) => (arg === 'forks' ? 'forked' : arg));
  spawn(process.execPath, [...process.execArgv, ...rest], { detached: true, stdio: 'ignore' }).unref();
  await untilThere('forked');
  process.exit(0);
}

const server = createServer((_, response) => response.end(String(process.pid)));
if (flags.has('unproven')) delete process.env['REVEILLE_INSTANCE_KEY'];
serveSessions({ server, path: '/session', keyless: flags.has('unproven'), onSession: converse });

async function converse(session: UpstreamSession): Promise<void> {
  for await (const { id, data } of session.messages) {
    write({ did: 'take', session: session.id, id });
    await answer(session, id, data as Asked);
  }
}

/** `parts`: says so many parts before the last. `pauseMs`: thinks so long before it. `hold`: ends its answer once that file is there. `lie`: says that, and does not write it down. `bytes`: parts of this size. */
type Asked = { text?: string; parts?: number; hold?: string; pauseMs?: number; lie?: unknown; bytes?: number };

async function answer(session: UpstreamSession, id: string, asked: Asked): Promise<void> {
  if (asked.lie !== undefined) return session.emit(asked.lie as never, { re: id, final: true });
  for (let part = 1; part <= (asked.parts ?? 0); part++)
    await say(session, { part, ...(asked.bytes && { filler: 'x'.repeat(asked.bytes) }) }, { re: id });
  if (asked.hold !== undefined) await untilThere(asked.hold);
  if (asked.pauseMs !== undefined) await pause(asked.pauseMs);
  await say(
    session,
    { echo: asked, user: session.user, tenant: session.tenant ?? null, pid: process.pid },
    {
      re: id,
      final: true,
    },
  );
}

async function say(session: UpstreamSession, data: object, options: { re: string; final?: boolean }): Promise<void> {
  const of = { user: session.user, ...(session.tenant !== undefined && { tenant: session.tenant }) };
  write({ did: 'emit', session: session.id, of, hash: hashOf(data) });
  await session.emit(data as never, options);
}

function untilThere(file: string): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (!existsSync(file)) return;
      watcher.close();
      resolve();
    };
    const watcher = watch('.', look);
    look();
  });
}

/** The last argument says how many megabytes. */
async function flood(): Promise<void> {
  const megabytes = Number(process.argv.at(-1));
  const secret = process.env['REVEILLE_INSTANCE_KEY'] ?? '';
  const line = Buffer.concat([
    Buffer.from(`\u001b[31mred\u001b[0m \u001b]0;title\u0007 key=${secret} `),
    Buffer.from([0xff, 0xfe, 0xc3, 0x28]),
    Buffer.from('x'.repeat(900)),
    Buffer.from('\n'),
  ]);
  const megabyte = Buffer.concat(Array<Buffer>(Math.ceil(1e6 / line.length)).fill(line));
  for (let written = 0; written < megabytes; written++)
    await new Promise<void>((resolve) => process.stdout.write(megabyte, () => resolve()));
  process.exit(9);
}

if (flags.has('gated')) await untilThere('gate');
server.listen(port, '127.0.0.1', () => {
  write({ did: 'ready' });
  if (flags.has('flapping')) setTimeout(() => process.exit(1), 500);
});
