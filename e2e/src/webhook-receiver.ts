import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Takes the webhooks of an operator, or answers with another status. */
export class WebhookReceiver implements AsyncDisposable {
  readonly events: string[] = [];
  readonly secret = 'a-webhook-secret-of-this-test-run';
  status = 204;
  readonly #server = createServer((request: IncomingMessage, response) => {
    this.events.push(String(request.headers['reveille-event']));
    request.resume().on('end', () => response.writeHead(this.status).end());
  });

  static async listen(): Promise<WebhookReceiver> {
    const receiver = new WebhookReceiver();
    receiver.#server.listen(0, '127.0.0.1');
    await once(receiver.#server, 'listening');
    return receiver;
  }

  get env(): Record<string, string> {
    const { port } = this.#server.address() as AddressInfo;
    return { REVEILLE_WEBHOOK_URL: `http://127.0.0.1:${port}/hook`, REVEILLE_WEBHOOK_SECRET: this.secret };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
