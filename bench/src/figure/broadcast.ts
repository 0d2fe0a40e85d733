import { Crowd } from '../measure/crowd.ts';
import type { Figure } from '../measure/figure.ts';
import { interleaved } from '../measure/rounds.ts';
import { spreadOf } from '../measure/samples.ts';
import { changes, Teller } from '../measure/teller.ts';
import { SocketIoCrowd } from '../reference/socket-io.ts';
import { Audience } from '../stage/audience.ts';
import { Program } from '../stage/deployable.ts';

const sockets = { full: 5000, quick: 500 } as const;
const rounds = { full: 9, quick: 3 } as const;

/** What is told everybody who waits: a phase of a start that goes on, beside one prepared buffer over raw ws and an event of Socket.IO. */
export const broadcast: Figure = {
  name: 'broadcast',
  about: 'a change of state to everybody who waits for it, beside one prepared buffer over raw ws and Socket.IO',
  async measure({ quick, signal, say }) {
    const size = quick ? sockets.quick : sockets.full;
    await using audience = await Audience.gather({ size, signal });
    const ours = audience.teller;
    const { bytes } = await ours.tell();

    await using bare = await startBareBroadcast(bytes);
    await using raw = await Crowd.gather({ url: bare.url, protocols: [], size, signal });
    const theirs = new Teller(raw, bare.program.pid, bare.program.pid, signal);
    await using socketIo = await SocketIoCrowd.gather({ size, bytes, signal });
    say(`broadcast: ${size} sockets on each side, ${bytes} bytes a frame`);
    const cost = await interleaved(
      { rounds: quick ? rounds.quick : rounds.full, warmUp: 1, signal },
      {
        ours: () => ours.sample(size),
        theirs: () => theirs.sample(size),
        socketIo: () => socketIo.teller.sample(size),
      },
    );
    const [mine, reference] = [spreadOf(cost.ours), spreadOf(cost.theirs)];
    const [rate, theirRate] = [spreadOf(cost.ours.map(perSecond)), spreadOf(cost.socketIo.map(perSecond))];
    const [last, rawLast] = [spreadOf(ours.slowest.slice(1)), spreadOf(theirs.slowest.slice(1))];
    const socketIoLast = spreadOf(socketIo.teller.slowest.slice(1));
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
          what: `frames to ${size} who wait per second of the edge’s processor`,
          ours: rate,
          unit: '/s',
          reference: { what: 'Socket.IO with its Redis streams adapter', value: theirRate, unit: '/s' },
          ratio: rate.median / theirRate.median,
          target: { is: 'at_least', ratio: 1.5 },
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
      notes: [
        `An event of Socket.IO, from another server of its cluster to the last of ${size} sockets: ${socketIoLast.median.toFixed(0)} ms.`,
      ],
    };
  },
};

/** @param cost microseconds of processor time per frame */
function perSecond(cost: number): number {
  return 1_000_000 / cost;
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
