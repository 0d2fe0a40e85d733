import type { InstanceKey } from '@reveille/contracts';
import { sleep } from '@reveille/lifecycle';
import { type Driver, DriverError, type Exit, type Running, type RunName } from '@reveille/orchestration';
import type { Random } from './random.ts';
import type { SimProcess } from './sim-process.ts';

export type Run = RunName & {
  running: Running;
  startedAt: number;
  end(exit: Exit): void;
};

/** Sees what is done to runs; throws when it may not be. */
export type Witness = { started(run: Run): void; stopping(run: RunName, by: string): void };

/** Where services of the simulation run: like containers they outlive initializers, and a name is given once at a time. */
export class Executor {
  readonly runs = new Map<string, Run>();
  /** Share of starts that go wrong in one of the ways. */
  trouble = 0.3;
  readonly #random: Random;
  readonly #witness: Witness;

  constructor(random: Random, witness: Witness) {
    this.#random = random;
    this.#witness = witness;
  }

  of(instance: InstanceKey): Run[] {
    return [...this.runs.values()].filter((run) => run.instance === instance);
  }

  /** The executor as one initializer reaches it. */
  driver(process: SimProcess): Driver {
    const latency = async () => {
      await process.pass();
      await sleep(this.#random.between(1, 60));
      await process.pass();
    };
    return {
      driver: 'docker',
      start: async ({ name, instance, generation }, { signal }) => {
        await latency();
        if (signal.aborted) throw new DriverError('driver_error', 'given up');
        const running = this.runs.get(name)?.running ?? this.#create({ name, instance, generation });
        await latency();
        return running;
      },
      adopt: async ({ name }) => {
        await latency();
        return this.runs.get(name)?.running;
      },
      stop: async (run, { signal }) => {
        await latency();
        if (signal.aborted) return { stopped: false, reason: 'given up' };
        if (this.runs.has(run.name)) this.#witness.stopping(run, process.id);
        this.runs.get(run.name)?.end({ code: null, signal: 'SIGTERM' });
        await latency();
        return { stopped: true };
      },
      list: async () => {
        await latency();
        return [...this.runs.values()].map(({ name, instance, generation }) => ({ name, instance, generation }));
      },
    };
  }

  #create(name: RunName): Running {
    const lines: string[] = [];
    const listeners = new Set<(line: string) => void>();
    const exit = Promise.withResolvers<Exit>();
    const running: Running = {
      name: name.name,
      endpoint: { url: 'http://127.0.0.1:1', host: '127.0.0.1', port: 1 },
      exited: exit.promise,
      logs: () => lines,
      onLine: (listener) => (listeners.add(listener), () => listeners.delete(listener)),
    };
    const end = (how: Exit): void => {
      this.runs.delete(name.name);
      exit.resolve(how);
    };
    const run: Run = { ...name, running, startedAt: performance.now(), end };
    this.runs.set(name.name, run);
    this.#witness.started(run);
    const say = (line: string) => {
      lines.push(line);
      for (const listener of listeners) listener(line);
    };
    this.#live(run, say);
    return running;
  }

  #live(run: Run, say: (line: string) => void): void {
    const readyMs = this.#random.between(20, 1500);
    const way = this.#random.chance(this.trouble) ? this.#random.of(['exits', 'hangs', 'crashes'] as const) : 'serves';
    if (way === 'exits') setTimeout(() => run.end({ code: 1, signal: null }), readyMs);
    if (way === 'serves' || way === 'crashes') setTimeout(() => say('ready'), readyMs);
    if (way === 'crashes')
      setTimeout(() => run.end({ code: null, signal: 'SIGSEGV' }), readyMs + this.#random.between(1, 15_000));
  }
}
