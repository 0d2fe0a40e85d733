import { Redis } from 'ioredis';
import type { WebSocket } from 'ws';
import { exchangesPerSecond, type Exchange, oneExchange } from '../measure/frames-per-second.ts';
import type { Figure, Row } from '../measure/figure.ts';
import { interleaved, timed } from '../measure/rounds.ts';
import { meanOf, medianOf, type Spread, spreadOf } from '../measure/samples.ts';
import { startBareServer } from '../reference/bare-server.ts';
import { closeRaw, openRaw } from '../reference/raw-socket.ts';
import { single } from '../stage/catalogs.ts';
import { Stage } from '../stage/stage.ts';
import { Visitor } from '../stage/visitor.ts';

const connections = 8;
/** What a chat message weighs. */
const text = 'Where do the tokens go? '.repeat(8);

let count = 0;
const direct: Exchange = { next: () => JSON.stringify({ text, n: (count += 1) }), ends: () => true };
const throughEdge: Exchange = {
  next: () => JSON.stringify({ type: 'send', id: `m${(count += 1)}`, data: { text, n: count } }),
  ends(frame) {
    if (/^\{"type":"(rejected|interrupted|initialization_failed)"/.test(frame)) throw new Error(frame);
    return frame.startsWith('{"type":"message"');
  },
};

/** A message to a service and back, by way of the edge, beside the same on a direct connection. */
export const echoes: Figure = {
  name: 'echo',
  about: 'messages to a service and back through the edge, beside a direct ws connection',
  async measure({ quick, signal }) {
    await using stage = await Stage.open(single);
    await using bare = await startBareServer();
    await using parts = new AsyncDisposableStack();
    const redis = new Redis(stage.redis.port, '127.0.0.1');
    parts.defer(() => redis.disconnect());
    const arrive = async (entrypoint: string): Promise<WebSocket[]> => {
      const visitors = await Promise.all(
        Array.from({ length: connections }, (_, index) => Visitor.arrive(stage.url, entrypoint, `user-${index}`)),
      );
      for (const visitor of visitors) parts.use(visitor);
      return visitors.map(({ socket }) => socket);
    };
    const [kit, plain] = [await arrive('chat'), await arrive('bare')];
    const [kitFleeting, plainFleeting] = [await arrive('fleeting'), await arrive('bare-fleeting')];
    const raw = await Promise.all(Array.from({ length: connections }, () => openRaw(bare.url)));
    parts.defer(() => Promise.all(raw.map(closeRaw)).then(() => undefined));

    const forMs = quick ? 300 : 1000;
    const rates = await interleaved(
      { rounds: quick ? 3 : 7, warmUp: 1, signal },
      {
        direct: () => exchangesPerSecond(raw, direct, forMs),
        plain: () => exchangesPerSecond(plainFleeting, throughEdge, forMs),
        kit: () => exchangesPerSecond(kitFleeting, throughEdge, forMs),
        plainKept: () => exchangesPerSecond(plain, throughEdge, forMs),
        kitKept: () => exchangesPerSecond(kit, throughEdge, forMs),
      },
    );
    const alone = await interleaved(
      { rounds: quick ? 100 : 1000, warmUp: 50, signal },
      {
        direct: () => oneExchange(raw[0] as WebSocket, direct),
        plain: () => oneExchange(plainFleeting[0] as WebSocket, throughEdge),
        ping: () => timed(() => redis.ping()),
      },
    );
    const added = alone.plain.map((took, round) => took - (alone.direct[round] ?? 0));
    const ping = spreadOf(alone.ping);
    const addedSpread = spreadOf(added);
    return {
      rows: [
        rateRow('echo through the edge, bare service', spreadOf(rates.plain), spreadOf(rates.direct), 0.35),
        rateRow('echo through the edge, reveille.upstream.v1', spreadOf(rates.kit), spreadOf(rates.direct)),
        rateRow('durable echo, bare service', spreadOf(rates.plainKept), spreadOf(rates.direct), 0.15),
        rateRow('durable echo, reveille.upstream.v1', spreadOf(rates.kitKept), spreadOf(rates.direct), 0.15),
        {
          figure: 'echo',
          what: 'added by the edge to one echo',
          ours: addedSpread,
          unit: 'ms',
          reference: { what: 'Redis round trip', value: ping, unit: 'ms' },
          ratio: addedSpread.median / ping.median,
          target: { is: 'at_most', ratio: 4 },
        },
      ],
      notes: [
        `One echo alone: ${medianOf(alone.direct).toFixed(3)} ms direct, ${medianOf(alone.plain).toFixed(3)} ms through the edge (p50; mean ${meanOf(alone.plain).toFixed(3)} ms). With reveille.upstream.v1 each message is six frames more: taken, emit, stored, accepted, message and the delivery itself.`,
      ],
    };
  },
};

function rateRow(what: string, ours: Spread, value: Spread, target?: number): Row {
  return {
    figure: 'echo',
    what,
    ours,
    unit: '/s',
    reference: { what: 'direct ws connection', value, unit: '/s' },
    ratio: ours.median / value.median,
    ...(target === undefined ? {} : { target: { is: 'at_least' as const, ratio: target } }),
  };
}
