import { type ServerFrame, serverFrame } from '@reveille/contracts';
import type { History } from '../history/history.ts';

let sockets = 0;

/** The WebSocket of a client that writes all that comes and goes into a history. `edge`: where it leads, as the history names it. */
export function witnessedSocket(of: {
  history: History;
  user: string;
  tenant: string;
  edge: string;
}): typeof WebSocket {
  const { history, user, tenant, edge } = of;
  return class extends WebSocket {
    readonly #name = `${user}#client-${++sockets}`;

    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      // Behind a balancer nobody knows which edge it is: no two sockets count as on the same one.
      history.note({ did: 'connect', socket: this.#name, edge: `${edge} ${this.#name}`, user, tenant });
      this.addEventListener('message', ({ data }: MessageEvent) => {
        const frame = JSON.parse(String(data)) as ServerFrame;
        serverFrame.parse(frame);
        history.note({ did: 'frame', socket: this.#name, frame });
      });
      this.addEventListener('close', ({ code }: CloseEvent) =>
        history.note({ did: 'close', socket: this.#name, code }),
      );
    }

    override send(data: string): void {
      const frame = JSON.parse(data) as { type: string; id: string };
      if (frame.type === 'send') history.note({ did: 'send', socket: this.#name, id: frame.id });
      super.send(data);
    }
  } as typeof WebSocket;
}
