import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { chmod, chown } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { temporaryDirectory } from './temporary-directory.ts';

export interface PostgresServer extends AsyncDisposable {
  url: URL;
}

/** The folder with PostgreSQL's `initdb` and `postgres`, from PATH or where Debian puts them. */
export function findPostgres(): string | undefined {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).map((version) => join(debian, version, 'bin')) : [];
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...versions];
  return folders.find(
    (folder) => folder !== '' && existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')),
  );
}

/** A real server of its own on a free loopback port, gone with its files at disposal. */
export async function startPostgres(binaries: string): Promise<PostgresServer> {
  const directory = await temporaryDirectory();
  const user = unprivilegedUser();
  const as = user ?? {};
  if (user !== undefined) await chown(directory.path, user.uid, user.gid);
  await chmod(directory.path, 0o700);
  const data = join(directory.path, 'data');
  execFileSync(join(binaries, 'initdb'), ['-D', data, '-U', 'threads', '-A', 'trust', '--no-sync'], {
    ...as,
    cwd: directory.path,
    stdio: 'pipe',
  });
  const port = await freePort();
  const child = spawn(
    join(binaries, 'postgres'),
    ['-D', data, '-p', String(port), '-k', directory.path, '-c', 'listen_addresses=127.0.0.1', '-c', 'fsync=off'],
    { ...as, cwd: directory.path, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const exited = once(child, 'exit');
  const lines: string[] = [];
  for await (const line of createInterface(child.stderr)) {
    lines.push(line);
    if (line.includes('ready to accept connections')) break;
  }
  if (!lines.at(-1)?.includes('ready')) throw new Error(`PostgreSQL did not start:\n${lines.join('\n')}`);
  child.stderr.resume();
  return {
    url: new URL(`postgres://threads@127.0.0.1:${port}/postgres`),
    async [Symbol.asyncDispose]() {
      child.kill('SIGINT');
      await exited;
      await directory[Symbol.asyncDispose]();
    },
  };
}

/** PostgreSQL refuses to run as root. */
function unprivilegedUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ['postgres', 'nobody']) {
    const ids = ['-u', '-g'].map((flag) => spawnSync('id', [flag, name], { encoding: 'utf8' }));
    const [uid, gid] = ids.map(({ status, stdout }) => (status === 0 ? Number(stdout) : undefined));
    if (uid !== undefined && gid !== undefined) return { uid, gid };
  }
  throw new Error('there is no user other than root to run PostgreSQL as');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
