import { launchRedis } from '@reveille/broker/server';
import { Crowd } from '../measure/crowd.ts';
import { Teller } from '../measure/teller.ts';
import { Program } from '../stage/deployable.ts';

/** Sockets of one Socket.IO server that are told what another one emits, by way of the Redis streams adapter. */
export class SocketIoCrowd implements AsyncDisposable {
  readonly teller: Teller;
  readonly #parts: AsyncDisposableStack;

  private constructor(teller: Teller, parts: AsyncDisposableStack) {
    this.teller = teller;
    this.#parts = parts;
  }

  /** @param of.bytes of one frame */
  static async gather(of: { size: number; bytes: number; signal: AbortSignal }): Promise<SocketIoCrowd> {
    await using parts = new AsyncDisposableStack();
    const redis = parts.use(await launchRedis());
    const start = async (): Promise<{ program: Program; port: string }> => {
      const listening = Promise.withResolvers<string>();
      const program = parts.use(
        new Program({
          name: 'the Socket.IO server',
          args: [new URL('../service/socket-io-broadcast.ts', import.meta.url).pathname, String(of.bytes)],
          env: { REDIS_PORT: String(redis.port) },
          onLine: (port) => listening.resolve(port),
        }),
      );
      return { program, port: await Promise.race([listening.promise, program.died()]) };
    };
    const [speaker, server] = [await start(), await start()];
    const url = `ws://127.0.0.1:${server.port}/socket.io/?EIO=4&transport=websocket`;
    // Engine.IO's `message` (4) that Socket.IO's `CONNECT` (0) is, and the answer to it.
    const hello = { frame: () => '40', answer: '40{' };
    const { size, signal } = of;
    const crowd = parts.use(await Crowd.gather({ url, protocols: [], size, hello, signal }));
    return new SocketIoCrowd(new Teller(crowd, server.program.pid, speaker.program.pid, signal), parts.move());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.disposeAsync();
  }
}
