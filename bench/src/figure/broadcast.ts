import { clientSubprotocol } from '@reveille/contracts';
import { Crowd } from '../measure/crowd.ts';
import type { Figure } from '../measure/figure.ts';
import { processorMs } from '../measure/process-cost.ts';
import { interleaved } from '../measure/rounds.ts';
import { spreadOf } from '../measure/samples.ts';
import { broadcasting } from '../stage/catalogs.ts';
import { Program } from '../stage/deployable.ts';
import { Stage } from '../stage/stage.ts';

const sockets = { full: 5000, quick: 500 } as const;
/** Changes that make one sample: its processor time is that of all of them, its latency that of the slowest. */
const changes = 10;
const rounds = { full: 9, quick: 3 } as const;
/** A report is written at most so often (`initializer/start/progress-writer`). */
const apartMs = 150;

/** What is told everybody who waits: a phase of a start that goes on, beside one prepared buffer over raw ws. */
export const broadcast: Figure = {
  name: 'broadcast',
  about: 'a change of state to everybody who waits for it, beside one prepared buffer over raw ws',
  async measure({ quick, signal, say }) {
    const size = quick ? sockets.quick : sockets.full;
    await using stage = await Stage.open(broadcasting);
    const frame = (index: number): string => {
      const as = { user: `user-${index}`, tenant: 'bench' };
      return JSON.stringify({ type: 'hello', as, client: { name: 'bench', version: '1' } });
    };
    const hello = { frame, answer: '"initialization_started"' };
    const url = `${stage.url}/v1/connect/chat`;
    await using waiting = await Crowd.gather({ url, protocols: [clientSubprotocol], size, hello, signal });
    const [service] = await stage.starts.first(['never'], signal);
    if (service === undefined) throw new Error('the service was not started');
    const ours = new Teller(waiting, stage.programs.edge.pid, service.pid, signal);
    const { bytes } = await ours.tell();

    await using bare = await startBareBroadcast(bytes);
    await using raw = await Crowd.gather({ url: bare.url, protocols: [], size, signal });
    const theirs = new Teller(raw, bare.program.pid, bare.program.pid, signal);
    say(`broadcast: ${size} sockets on each side, ${bytes} bytes a frame`);
    const cost = await interleaved(
      { rounds: quick ? rounds.quick : rounds.full, warmUp: 1, signal },
      { ours: () => ours.sample(size), theirs: () => theirs.sample(size) },
    );
    const [mine, reference] = [spreadOf(cost.ours), spreadOf(cost.theirs)];
    const [last, rawLast] = [spreadOf(ours.slowest.slice(1)), spreadOf(theirs.slowest.slice(1))];
    return {
      rows: [
        {
          figure: 'broadcast',
          what: `edge, processor time per frame to ${size} who wait`,
          ours: mine,
          unit: 'µs',
          reference: { what: 'raw ws, one prepared buffer', value: reference, unit: 'µs' },
          ratio: mine.median / reference.median,
          target: { is: 'at_most', ratio: 1.15 },
        },
        {
          figure: 'broadcast',
          what: `change in the ledger → last of ${size} sockets, slowest of ${changes}`,
          ours: last,
          unit: 'ms',
          reference: { what: 'raw ws, send → last socket', value: rawLast, unit: 'ms' },
          ratio: last.median / rawLast.median,
          target: { is: 'at_most', ratio: 1.3 },
        },
      ],
    };
  },
};

/** Has one side told, and says what that cost. */
class Teller {
  /** Of each sample, the slowest change (ms). */
  readonly slowest: number[] = [];
  readonly #crowd: Crowd;
  readonly #server: number;
  readonly #source: number;
  readonly #signal: AbortSignal;
  #step = 0;

  /** @param server whose processor time counts @param source who says something at each SIGUSR2 */
  constructor(crowd: Crowd, server: number, source: number, signal: AbortSignal) {
    this.#crowd = crowd;
    this.#server = server;
    this.#source = source;
    this.#signal = signal;
  }

  tell(): Promise<{ ms: number; bytes: number }> {
    this.#signal.throwIfAborted();
    return this.#crowd.told(`step ${(this.#step += 1)}`, () => process.kill(this.#source, 'SIGUSR2'));
  }

  /**
   * Microseconds of the server's processor time per frame, beyond what it spends at rest: sessions have heartbeats and leases, whether
   * anything is said or not.
   */
  async sample(size: number): Promise<number> {
    let spent = 0;
    let slowest = 0;
    for (let change = 0; change < changes; change += 1) {
      const [restedAt, rested] = [performance.now(), processorMs(this.#server)];
      await new Promise((resolve) => setTimeout(resolve, apartMs));
      const [beganAt, before] = [performance.now(), processorMs(this.#server)];
      const { ms } = await this.tell();
      const atRest = ((before - rested) / (beganAt - restedAt)) * (performance.now() - beganAt);
      spent += processorMs(this.#server) - before - atRest;
      slowest = Math.max(slowest, ms);
    }
    this.slowest.push(slowest);
    return (spent * 1000) / (changes * size);
  }
}

async function startBareBroadcast(bytes: number): Promise<{ program: Program; url: string } & AsyncDisposable> {
  const listening = Promise.withResolvers<string>();
  const program = new Program({
    name: 'the bare broadcaster',
    args: [new URL('../service/bare-broadcast.ts', import.meta.url).pathname, String(bytes)],
    env: {},
    onLine: (port) => listening.resolve(`ws://127.0.0.1:${port}`),
  });
  const url = await Promise.race([listening.promise, program.died()]);
  return { program, url, [Symbol.asyncDispose]: () => program[Symbol.asyncDispose]() };
}
