import type { IncomingMessage } from 'node:http';
import { BlockList, isIP, SocketAddress } from 'node:net';
import { addTo } from '../config.ts';
import { forwardedNodes } from './forwarded.ts';

/** Finds out from where a request came. */
export class ClientAddress {
  readonly #trusted = new BlockList();

  /** @param trustedProxies addresses and CIDRs whose word on where a request came from is believed */
  constructor(trustedProxies: readonly string[]) {
    for (const proxy of trustedProxies) addTo(this.#trusted, proxy);
  }

  /** The nearest address that is not one of our own proxies: everything before it could have been written by anybody. */
  of({ socket, headers }: IncomingMessage): string {
    const peer = addressIn(socket.remoteAddress ?? '') ?? '';
    if (!this.#isTrusted(peer)) return peer;
    // Proxies write one of the headers, and pass the other on as the client wrote it: where they disagree none is believed.
    const found = new Set(forwardedNodes(headers).map((nodes) => this.#nearest(peer, nodes)));
    const [address] = found;
    return found.size === 1 && address !== undefined ? address : peer;
  }

  /** Undefined where a proxy of ours does not say, or says what is no address. */
  #nearest(peer: string, nodes: readonly string[]): string | undefined {
    let address: string = peer;
    for (const node of nodes.toReversed()) {
      if (!this.#isTrusted(address)) break;
      const before = addressIn(node);
      if (before === undefined) return undefined;
      address = before;
    }
    return address;
  }

  #isTrusted(address: string): boolean {
    const family = isIP(address);
    return family !== 0 && this.#trusted.check(address, family === 6 ? 'ipv6' : 'ipv4');
  }
}

/** Without brackets, port, zone and the IPv6 form of IPv4, and each address in one way only, since it goes into keys of Redis. */
function addressIn(node: string): string | undefined {
  const bracketed = /^\[([^\]]+)\](?::[\w.-]+)?$/.exec(node)?.[1];
  const address = bracketed ?? /^([\d.]+):[\w.-]+$/.exec(node)?.[1] ?? node;
  const family = isIP(address);
  if (family !== 6) return family === 0 ? undefined : address;
  return new SocketAddress({ address, family: 'ipv6' }).address.replace(/^::ffff:(?=[\d.]+$)/, '');
}
