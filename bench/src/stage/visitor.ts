import { once } from 'node:events';
import { clientSubprotocol, type ServerFrame } from '@reveille/contracts';
import { WebSocket } from 'ws';

/** The most that a start may take before the measurement is given up. */
const deadlineMs = 60_000;

const ping = Buffer.from('{"type":"ping"');

/** When what happened to a visitor, in milliseconds of this process's monotonic clock. */
export type Moments = { readonly connectAt: number; readonly helloAt: number; readonly completedAt: number };

/** A user at an edge: as little client as possible, so that what is measured is the edge. */
export class Visitor implements AsyncDisposable {
  readonly socket: WebSocket;
  readonly moments: Moments;

  private constructor(socket: WebSocket, moments: Moments) {
    this.socket = socket;
    this.moments = moments;
  }

  /** Connects, says hello and waits for `initialization_completed`. @throws Error with the failure when there is none */
  static async arrive(url: string, entrypoint: string, user: string): Promise<Visitor> {
    const connectAt = performance.now();
    const socket = new WebSocket(`${url}/v1/connect/${entrypoint}`, [clientSubprotocol], { perMessageDeflate: false });
    await once(socket, 'open');
    const helloAt = performance.now();
    socket.on('message', (data: Buffer) => {
      if (data.subarray(0, ping.length).equals(ping)) socket.send('{"type":"pong"}');
    });
    const completed = Promise.withResolvers<number>();
    const late = setTimeout(() => completed.reject(new Error('nothing was ready in time')), deadlineMs);
    const hear = (data: Buffer): void => {
      const frame = JSON.parse(String(data)) as ServerFrame;
      if (frame.type === 'initialization_completed') completed.resolve(performance.now());
      if (frame.type === 'initialization_failed') completed.reject(new Error(JSON.stringify(frame.failure)));
    };
    socket.on('message', hear);
    socket.once('close', (code, reason) => completed.reject(new Error(`the edge closed ${code} ${String(reason)}`)));
    const hello = { type: 'hello', as: { user, tenant: 'bench' }, client: { name: 'bench', version: '1' } };
    socket.send(JSON.stringify(hello));
    try {
      return new Visitor(socket, { connectAt, helloAt, completedAt: await completed.promise });
    } catch (error) {
      socket.terminate();
      throw error;
    } finally {
      clearTimeout(late);
      socket.off('message', hear);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.socket.readyState === WebSocket.CLOSED) return;
    const closed = once(this.socket, 'close');
    this.socket.close(1000);
    await closed;
  }
}
