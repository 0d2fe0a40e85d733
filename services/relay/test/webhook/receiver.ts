import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Delivery = { path: string; headers: IncomingHttpHeaders; body: string };

/** Whoever an operator has events posted to: answers with the statuses given, one after the other, the last one for ever. */
export class Receiver implements AsyncDisposable {
  readonly deliveries: Delivery[] = [];
  readonly secret = 'a-webhook-secret-of-this-test-run';
  readonly #server;
  readonly #statuses: number[];

  private constructor(statuses: number[]) {
    this.#statuses = statuses;
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const body = Buffer.concat(chunks).toString();
        this.deliveries.push({ path: request.url ?? '', headers: request.headers, body });
        const status = (this.#statuses.length > 1 ? this.#statuses.shift() : this.#statuses[0]) ?? 200;
        response.writeHead(status, { location: '/elsewhere' }).end('what nobody reads');
      });
    });
  }

  static async answering(...statuses: number[]): Promise<Receiver> {
    const receiver = new Receiver(statuses);
    receiver.#server.listen(0, '127.0.0.1');
    await once(receiver.#server, 'listening');
    return receiver;
  }

  get env(): Record<string, string> {
    const { port } = this.#server.address() as AddressInfo;
    return {
      REVEILLE_WEBHOOK_URL: `http://127.0.0.1:${port}/hook?token=of-the-address`,
      REVEILLE_WEBHOOK_SECRET: this.secret,
    };
  }

  /** Of now on every answer has this status. */
  answer(status: number): void {
    this.#statuses.splice(0, this.#statuses.length, status);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
