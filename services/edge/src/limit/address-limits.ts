import type { IncomingMessage } from 'node:http';
import { type EdgeRefusal, edgeRefusals } from '@reveille/contracts';
import type { Scope } from '@reveille/lifecycle';
import type { Broker, EdgeId } from '@reveille/orchestration';
import type { Logger } from '@reveille/telemetry';
import type { EdgeConfig } from '../config.ts';
import { AddressPlaces } from './address-places.ts';
import { ClientAddress } from './client-address.ts';
import { HandshakeAllowances } from './handshake-allowances.ts';

type Parts = {
  readonly clientAddress: ClientAddress;
  /** Absent: no limit. */
  readonly places: AddressPlaces | undefined;
  readonly handshakes: HandshakeAllowances | undefined;
};

export type AddressRefusal = { readonly refused: EdgeRefusal; readonly limit: string };

const tooMany: AddressRefusal = { refused: edgeRefusals.tooManyConnections, limit: 'connections_per_address' };
const tooFast: AddressRefusal = { refused: edgeRefusals.tooManyHandshakes, limit: 'handshakes_per_second' };
const unlimited: Disposable = { [Symbol.dispose]: () => undefined };

/** Limits per client address, over all edges. */
export class AddressLimits {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * The place of one more socket of this client, to be disposed when it closes; or why it gets none. `onRefused`: it got one, and a moment
   * later turns out to be one too many over all edges.
   */
  admit(request: IncomingMessage, onRefused: (why: AddressRefusal) => void): Disposable | AddressRefusal {
    const { clientAddress, places, handshakes } = this.#parts;
    if (places === undefined && handshakes === undefined) return unlimited;
    const address = clientAddress.of(request);
    if (handshakes?.take(address) === false) return tooFast;
    return places === undefined ? unlimited : (places.take(address, () => onRefused(tooMany)) ?? tooMany);
  }
}

/** As the settings say; what they do not limit costs nothing. */
export function addressLimits(of: {
  config: EdgeConfig;
  edge: EdgeId;
  broker: Broker;
  scope: Scope;
  logger: Logger;
}): AddressLimits {
  const { config, edge, broker, scope, logger } = of;
  const { connectionsPerAddress: limit, handshakesPerSecond } = config;
  const { addresses, rates } = broker;
  const { leaseMs, brokerMs } = config.timings;
  const placesOf = { edge, addresses, logger, leaseMs, brokerMs };
  return new AddressLimits({
    clientAddress: new ClientAddress(config.trustedProxies),
    places:
      limit === undefined ? undefined : scope.use(new AddressPlaces({ ...placesOf, limit }), 'places of addresses'),
    handshakes: handshakesPerSecond === undefined ? undefined : new HandshakeAllowances(rates, handshakesPerSecond),
  });
}
