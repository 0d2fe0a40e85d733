import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export type Kind = 'edge' | 'initializer' | 'relay';

/** The message of the log line that says that a deployable is running. */
const running: Record<Kind, string> = {
  edge: 'listening',
  initializer: 'the initializer is running',
  relay: 'the relay is running',
};

export type LogLine = { msg: string; level: string; trace_id?: string; url?: string } & Record<string, unknown>;

/** One deployable as a process of its own, as in production. */
export class Deployable implements AsyncDisposable {
  readonly kind: Kind;
  readonly child: ChildProcess;
  readonly log: LogLine[] = [];
  readonly errors: string[] = [];
  readonly exited: Promise<number | null>;
  readonly #running = Promise.withResolvers<LogLine>();

  /** @param root of the sources that run; default these */
  constructor(kind: Kind, env: Record<string, string>, root = fileURLToPath(new URL('../..', import.meta.url))) {
    this.kind = kind;
    const main = join(root, 'services', kind, 'src/main.ts');
    this.child = spawn(process.execPath, ['--conditions=@reveille/source', main], {
      env: { PATH: process.env['PATH'] ?? '', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.exited = new Promise((resolve) => this.child.once('exit', (code) => resolve(code)));
    void this.exited.then(() => this.#running.reject(new Error(`${kind} ended:\n${this.errors.join('\n')}`)));
    this.#running.promise.catch(() => undefined);
    if (this.child.stdout) createInterface({ input: this.child.stdout }).on('line', (line) => this.#take(line));
    if (this.child.stderr) createInterface({ input: this.child.stderr }).on('line', (line) => this.errors.push(line));
  }

  /** Resolves with the log line that says so. */
  running(): Promise<LogLine> {
    return this.#running.promise;
  }

  async url(): Promise<string> {
    return (await this.running()).url ?? '';
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill('SIGTERM');
    await this.exited;
  }

  #take(line: string): void {
    const entry = JSON.parse(line) as LogLine;
    this.log.push(entry);
    if (entry.msg === running[this.kind]) this.#running.resolve(entry);
  }
}

/** Secrets of one test cluster. */
export function clusterEnv(of: { redisUrl: string; namespace: string; catalog: string }): Record<string, string> {
  return {
    REDIS_URL: of.redisUrl,
    REVEILLE_NAMESPACE: of.namespace,
    REVEILLE_CATALOG: of.catalog,
    REVEILLE_ROOT_SECRET: randomBytes(32).toString('base64url'),
    REVEILLE_EDGE_SIGNING_KEY: randomBytes(32).toString('base64url'),
    REVEILLE_AUTH: 'none',
    REVEILLE_HEALTH_PORT: '0',
    REVEILLE_HOST_ID: 'here',
    HOST: '127.0.0.1',
    PORT: '0',
  };
}
