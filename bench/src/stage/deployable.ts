import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** Error lines that are kept for the message when it ends too early. */
const keptLines = 20;

/** A Node program as a process of its own, until disposed. */
export class Program implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #name: string;
  readonly #exited: Promise<void>;
  readonly #errors: string[] = [];
  #ended = false;

  /** @param onLine each line of its standard output */
  constructor(of: {
    name: string;
    args: readonly string[];
    env: Record<string, string>;
    onLine: (line: string) => void;
  }) {
    this.#name = of.name;
    this.#child = spawn(process.execPath, of.args, {
      env: { PATH: process.env['PATH'] ?? '', ...of.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    // Should this process end in whatever way: nothing stays behind.
    const kill = (): void => void this.#child.kill('SIGKILL');
    process.once('exit', kill);
    this.#exited = new Promise((resolve) =>
      this.#child.once('exit', () => {
        this.#ended = true;
        process.off('exit', kill);
        resolve();
      }),
    );
    if (this.#child.stdout) createInterface({ input: this.#child.stdout }).on('line', of.onLine);
    if (this.#child.stderr) createInterface({ input: this.#child.stderr }).on('line', (line) => this.#note(line));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Rejects when it ends by itself: nothing that is measured survives that. */
  async died(): Promise<never> {
    await this.#exited;
    throw new Error(`${this.#name} ended:\n${this.#errors.join('\n')}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#ended) this.#child.kill('SIGTERM');
    await this.#exited;
  }

  #note(line: string): void {
    this.#errors.push(line);
    if (this.#errors.length > keptLines) this.#errors.shift();
  }
}

export type Kind = 'edge' | 'initializer' | 'relay';

/** The message of the log line that says that a deployable is running. */
const running: Record<Kind, string> = {
  edge: 'listening',
  initializer: 'the initializer is running',
  relay: 'the relay is running',
};

/** What its image hands to Node, beside the file with its secrets. */
function flagsOf(kind: Kind): string[] {
  const images = readFileSync(new URL('../../../Dockerfile', import.meta.url), 'utf8');
  const command = new RegExp(`^CMD (.*/${kind}/dist/main.js"\\])$`, 'm').exec(images)?.[1];
  if (command === undefined) throw new Error(`the Dockerfile does not say how ${kind} is run`);
  return (JSON.parse(command) as string[]).filter((word) => /^--(?!env-file)/.test(word));
}

/** Starts one deployable as in production: built, a process of its own, with the flags of its image. Resolves when it runs; `url` is there for an edge. */
export async function startDeployable(
  kind: Kind,
  env: Record<string, string>,
): Promise<{ program: Program; url: string }> {
  const up = Promise.withResolvers<string>();
  const main = new URL(`../../../services/${kind}/dist/main.js`, import.meta.url).pathname;
  const program = new Program({
    name: kind,
    args: [...flagsOf(kind), main],
    env,
    onLine(line) {
      const { msg, url = '' } = JSON.parse(line) as { msg: string; url?: string };
      if (msg === running[kind]) up.resolve(url);
    },
  });
  const url = await Promise.race([up.promise, program.died()]);
  return { program, url };
}
