import type { InstanceKey } from '@reveille/contracts';
import { sleep } from '@reveille/lifecycle';
import {
  type Driver,
  DriverError,
  type Exit,
  type Running,
  type RunName,
  type StartRequest,
} from '@reveille/orchestration';
import type { End, Latency } from './network/end.ts';
import type { Answer, Headers } from './network/upstream.ts';
import type { Random } from './random.ts';
import { Service, type ServiceWitness } from './service.ts';
import type { SimProcess } from './sim-process.ts';

export type Run = RunName & {
  readonly running: Running;
  readonly port: number;
  readonly service: Service;
  /** A stranger answers at its address for now. */
  impostor: boolean;
  end(exit: Exit): void;
};

/** Sees what is done to runs. */
export type RunWitness = ServiceWitness & { started(run: Run): void; stopping(run: RunName, by: string): void };

/** Where services of the simulation run: like containers they outlive initializers, and a name is given once at a time. */
export class Executor {
  readonly runs = new Map<string, Run>();
  /** Share of starts that go wrong in one of the ways. */
  trouble = 0.3;
  /** Share of messages around which a connection breaks. */
  frailty = 0;
  readonly #random: Random;
  readonly #witness: RunWitness;
  readonly #latency: Latency;
  #port = 10_000;

  constructor(of: { random: Random; witness: RunWitness; latency: Latency }) {
    this.#random = of.random;
    this.#witness = of.witness;
    this.#latency = of.latency;
  }

  of(instance: InstanceKey): Run[] {
    return [...this.runs.values()].filter((run) => run.instance === instance);
  }

  at(port: number): Run | undefined {
    return [...this.runs.values()].find((run) => run.port === port);
  }

  answer(port: number, headers: Headers, from: End): Answer | undefined {
    const run = this.at(port);
    return run?.service.answer(headers, from, run.impostor ? 'stranger' : undefined);
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
      start: async (request, { signal }) => {
        await latency();
        if (signal.aborted) throw new DriverError('driver_error', 'given up');
        const running = this.runs.get(request.name)?.running ?? this.#create(request);
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
        const found = this.runs.get(run.name);
        if (found) this.#witness.stopping(run, process.id);
        // Some services say goodbye to whom they talk to.
        if (found && this.#random.chance(0.5)) void found.service[Symbol.asyncDispose]();
        found?.end({ code: null, signal: 'SIGTERM' });
        await latency();
        return { stopped: true };
      },
      list: async () => {
        await latency();
        return [...this.runs.values()].map(({ name, instance, generation }) => ({ name, instance, generation }));
      },
    };
  }

  #create({ name, instance, generation, environment, values }: StartRequest): Running {
    const lines: string[] = [];
    const listeners = new Set<(line: string) => void>();
    const exit = Promise.withResolvers<Exit>();
    const port = ++this.#port;
    const running: Running = {
      name,
      endpoint: { url: `http://127.0.0.1:${port}`, host: '127.0.0.1', port },
      exited: exit.promise,
      logs: () => lines,
      onLine: (listener) => (listeners.add(listener), () => listeners.delete(listener)),
    };
    const parts = { random: this.#random, witness: this.#witness, latency: this.#latency, frailty: () => this.frailty };
    const service = new Service({ name, instance, generation }, environment, parts);
    const end = (how: Exit): void => {
      if (!this.runs.delete(name)) return;
      service.kill();
      exit.resolve(how);
    };
    const run: Run = { name, instance, generation, running, port, service, impostor: false, end };
    this.runs.set(name, run);
    this.#witness.started(run);
    const say = (line: string) => {
      lines.push(line);
      for (const listener of listeners) listener(line);
    };
    say(`starting for ${values.user ?? values.tenant ?? 'all'}`);
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
