import { Redis } from 'ioredis';
import type { Figure } from '../measure/figure.ts';
import { interleaved } from '../measure/rounds.ts';
import { spreadOf } from '../measure/samples.ts';
import { startBareServer } from '../reference/bare-server.ts';
import { closeRaw, echo, openRaw } from '../reference/raw-socket.ts';
import { single } from '../stage/catalogs.ts';
import { Stage } from '../stage/stage.ts';
import { Visitor } from '../stage/visitor.ts';

/** What a user waits for when everything runs already. Each one comes alone, to a plan that nobody else of the edge is in. */
export const warm: Figure = {
  name: 'warm',
  about: 'hello → initialization_completed when the service runs, beside a ws handshake + echo + one Redis round trip',
  async measure({ quick, signal }) {
    await using stage = await Stage.open(single);
    await using bare = await startBareServer();
    using redis = disconnecting(new Redis(stage.redis.port, '127.0.0.1'));
    const rounds = quick ? 60 : 400;
    // Keeps the service running, by a plan of its own: the measured users still find nobody in theirs.
    await using _keeper = await Visitor.arrive(stage.url, 'keep', 'keeper');
    let user = 0;
    const fromConnect: number[] = [];
    const measured = await interleaved(
      { rounds, warmUp: quick ? 20 : 100, signal },
      {
        ours: async () => {
          await using visitor = await Visitor.arrive(stage.url, 'chat', `user-${(user += 1)}`);
          const { connectAt, helloAt, completedAt } = visitor.moments;
          fromConnect.push(completedAt - connectAt);
          return completedAt - helloAt;
        },
        reference: async () => {
          const began = performance.now();
          const socket = await openRaw(bare.url);
          await echo(socket, 'hello');
          await redis.client.ping();
          const took = performance.now() - began;
          await closeRaw(socket);
          return took;
        },
      },
    );
    const ours = spreadOf(measured.ours);
    const reference = spreadOf(measured.reference);
    const connect = spreadOf(fromConnect.slice(-rounds));
    return {
      rows: [
        {
          figure: 'warm',
          what: 'warm arrival, hello → completed',
          ours,
          unit: 'ms',
          reference: { what: 'ws handshake + echo + Redis round trip', value: reference, unit: 'ms' },
          ratio: ours.median / reference.median,
          target: { is: 'at_most', ratio: 3 },
        },
      ],
      notes: [
        `Warm, with the user's own WebSocket handshake: p50 ${connect.median.toFixed(2)} ms from the first packet to initialization_completed.`,
      ],
    };
  },
};

function disconnecting(client: Redis): { client: Redis } & Disposable {
  return { client, [Symbol.dispose]: () => client.disconnect() };
}
