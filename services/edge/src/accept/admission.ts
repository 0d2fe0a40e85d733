import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { closeCodes, type EdgeRefusal } from '@reveille/contracts';
import type { WebSocket } from 'ws';
import type { AddressLimits } from '../limit/address-limits.ts';

type AdmissionParts = {
  readonly addresses: AddressLimits;
  /** A limit was reached; `limit` is one of few names. */
  onLimit(limit: string): void;
};

/** The place of one socket among those of its client's address. It may turn out later that there was none. */
export class Admission {
  /** Once the handshake is done. */
  webSocket: WebSocket | undefined;
  readonly #parts: AdmissionParts;
  #place: Disposable | undefined;
  #late: EdgeRefusal | undefined;

  constructor(parts: AdmissionParts) {
    this.#parts = parts;
  }

  /** Why there is no place, if so. */
  refusedFor(request: IncomingMessage): EdgeRefusal | undefined {
    const { addresses, onLimit } = this.#parts;
    const place = addresses.admit(request, (why) => {
      onLimit(why.limit);
      this.#late = why.refused;
      this.webSocket?.close(closeCodes.tryLater.code, why.refused.error);
    });
    if ('refused' in place) {
      onLimit(place.limit);
      return place.refused;
    }
    this.#place = place;
    return undefined;
  }

  /** Other edges had the last places: found out during the handshake. */
  get late(): EdgeRefusal | undefined {
    return this.#late;
  }

  /** The place is free again when this socket closes. */
  endsWith(socket: Duplex): void {
    socket.once('close', () => this.#place?.[Symbol.dispose]());
  }
}
