import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../bin/reveille.js', import.meta.url));

/** What of this process's environment a command gets: nothing that would decide a test. */
const { PATH, HOME, TMPDIR } = process.env;

export type Ended = { code: number | null; signal: string | null; out: string; err: string };

/** The program as a process of its own. Disposing it kills what is left of it. */
export class RunningCli implements AsyncDisposable {
  readonly ended: Promise<Ended>;
  readonly process: ChildProcess;
  out = '';
  err = '';
  #changed = Promise.withResolvers<void>();

  constructor(args: readonly string[], options: { cwd?: string; env?: NodeJS.ProcessEnv; input?: string } = {}) {
    this.process = spawn(process.execPath, [program, ...args], {
      cwd: options.cwd,
      env: { PATH, HOME, TMPDIR, ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.process.stdout?.on('data', (text) => {
      this.out += text;
      this.#note();
    });
    this.process.stderr?.on('data', (text) => {
      this.err += text;
      this.#note();
    });
    if (options.input !== undefined) this.process.stdin?.end(options.input);
    this.ended = new Promise((resolve) => {
      this.process.once('close', (code, signal) => {
        this.#note();
        resolve({ code, signal, out: this.out, err: this.err });
      });
    });
  }

  /** Resolves when the pattern was written to either output; rejects with both when the process ends without it. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.out) ?? pattern.exec(this.err);
      if (match) return match;
      if (this.process.exitCode !== null || this.process.signalCode !== null) {
        const { code, out, err } = await this.ended;
        const late = pattern.exec(out) ?? pattern.exec(err);
        if (late) return late;
        throw new Error(`ended with ${code} and never said ${pattern}\n${out}\n${err}`);
      }
      await this.#changed.promise;
    }
  }

  signal(name: NodeJS.Signals): void {
    this.process.kill(name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) this.process.kill('SIGKILL');
    await this.ended;
  }

  #note(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}

/** Runs a command to its end. */
export async function runCli(
  args: readonly string[],
  options: ConstructorParameters<typeof RunningCli>[1] = {},
): Promise<Ended> {
  await using running = new RunningCli(args, { input: '', ...options });
  return await running.ended;
}
