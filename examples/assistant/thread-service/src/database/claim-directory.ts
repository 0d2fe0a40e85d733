import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { unlink } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join, relative } from 'node:path';
import { DatabaseFailure } from './database-failure.ts';

const SOCKET = 'owner.sock';
/** Longest path of a Unix socket that every system takes, in bytes. */
const MAX_SOCKET_PATH = 100;
const ANSWER_TIMEOUT_MS = 2_000;

/**
 * Makes this process the only one that opens the embedded database in `directory`, until disposal or its end: PGlite itself would let two
 * processes write into each other's pages. The claim is a Unix socket that its owner listens on, so what a killed process leaves behind
 * is told from a living owner by asking, whatever process numbers have been given out since.
 *
 * @throws DatabaseFailure `locked` when another process is the owner
 */
export async function claimDirectory(directory: string): Promise<AsyncDisposable> {
  const path = socketPath(directory);
  const claim = randomUUID();
  const server = createServer((socket) => {
    // A caller that leaves early is no trouble of the owner.
    socket.on('error', () => socket.destroy());
    socket.end(claim);
  });
  if (!(await listens(server, path))) {
    if ((await ownerAt(path)) !== undefined) throw locked(directory);
    await unlink(path).catch((error: unknown) => {
      if (!isCode(error, 'ENOENT')) throw error;
    });
    if (!(await listens(server, path))) throw locked(directory);
  }
  // Two that both found a dead owner may both have removed its socket: only one of them now answers under the path.
  if ((await ownerAt(path)) !== claim) {
    server.close();
    throw locked(directory);
  }
  // The claim itself is no reason to keep the process alive.
  server.unref();
  return {
    async [Symbol.asyncDispose]() {
      server.close();
      await once(server, 'close');
    },
  };
}

function socketPath(directory: string): string {
  const absolute = join(directory, SOCKET);
  const path = Buffer.byteLength(absolute) <= MAX_SOCKET_PATH ? absolute : relative(process.cwd(), absolute);
  if (Buffer.byteLength(path) <= MAX_SOCKET_PATH) return path;
  throw new DatabaseFailure(
    'unusable_directory',
    `The path of the thread database is too long (${absolute}): set THREAD_DATA_DIR to one of at most ${MAX_SOCKET_PATH - SOCKET.length - 1} bytes.`,
  );
}

async function listens(server: Server, path: string): Promise<boolean> {
  server.listen(path);
  try {
    await once(server, 'listening');
    return true;
  } catch (error) {
    if (isCode(error, 'EADDRINUSE')) return false;
    throw error;
  }
}

/** What the owner answers; undefined when nobody listens. An owner that does not answer in time is an owner all the same. */
async function ownerAt(path: string): Promise<string | undefined> {
  const socket: Socket = connect(path);
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) });
    let answer = '';
    socket.setEncoding('utf8').setTimeout(ANSWER_TIMEOUT_MS, () => socket.destroy());
    for await (const chunk of socket) answer += String(chunk);
    return answer;
  } catch (error) {
    return isCode(error, 'ECONNREFUSED') || isCode(error, 'ENOENT') ? undefined : '';
  } finally {
    socket.destroy();
  }
}

function locked(directory: string): DatabaseFailure {
  return new DatabaseFailure(
    'locked',
    `The thread database in ${directory} is open in another process. Stop that one, or set THREAD_DATA_DIR to another directory, ` +
      'or DATABASE_URL to a PostgreSQL server, which several processes can share.',
  );
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
