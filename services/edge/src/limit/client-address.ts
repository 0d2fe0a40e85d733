import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
import { addTo } from '../config.ts';

/** Finds out from where a request came. */
export class ClientAddress {
  readonly #trusted = new BlockList();

  /** @param trustedProxies addresses and CIDRs whose word on where a request came from is believed */
  constructor(trustedProxies: readonly string[]) {
    for (const proxy of trustedProxies) addTo(this.#trusted, proxy);
  }

  /** The nearest address that is not one of our own proxies: everything before it could have been written by anybody. */
  of(request: IncomingMessage): string {
    const peer = plain(request.socket.remoteAddress ?? '');
    const said = forwardedFor(request);
    let address = peer;
    while (said.length > 0 && this.#isTrusted(address)) address = said.pop() ?? address;
    // What a proxy of ours says is believed, but it goes into keys of Redis: nothing that is no address.
    return isIP(address) === 0 ? peer : address.toLowerCase();
  }

  #isTrusted(address: string): boolean {
    const family = isIP(address);
    return family !== 0 && this.#trusted.check(address, family === 6 ? 'ipv6' : 'ipv4');
  }
}

/** The addresses of `Forwarded` (RFC 7239), else of `X-Forwarded-For`, the client first. */
function forwardedFor({ headers }: IncomingMessage): string[] {
  const standard = headers.forwarded;
  if (standard !== undefined) {
    return standard.split(',').flatMap((hop) => {
      const node = /(?:^|;)\s*for\s*=\s*"?([^";]+)"?/i.exec(hop)?.[1];
      return node === undefined ? [] : [plain(node.trim())];
    });
  }
  const common = headers['x-forwarded-for'];
  const text = Array.isArray(common) ? common.join(',') : (common ?? '');
  return text === '' ? [] : text.split(',').map((part) => plain(part.trim()));
}

/** Without brackets, port and the IPv6 form of IPv4. */
function plain(node: string): string {
  const bracketed = /^\[([^\]]+)\]/.exec(node)?.[1];
  const address = bracketed ?? (/^[\d.]+:\d+$/.test(node) ? node.slice(0, node.indexOf(':')) : node);
  return address.replace(/^::ffff:(?=[\d.]+$)/i, '');
}
