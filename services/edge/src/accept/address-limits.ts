import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
import { addTo } from '../config.ts';

type Options = {
  readonly connectionsPerAddress: number | undefined;
  readonly handshakesPerSecond: number | undefined;
  readonly trustedProxies: readonly string[];
};

/** Limits per client address; each is off when its setting is absent. */
export class AddressLimits {
  readonly #options: Options;
  readonly #trusted = new BlockList();
  /** Open sockets per address. Bounded by the open sockets. */
  readonly #open = new Map<string, number>();
  /** Handshakes per address in the present second; begun anew each second. */
  #handshakes = new Map<string, number>();
  #second = 0;

  constructor(options: Options) {
    this.#options = options;
    for (const proxy of options.trustedProxies) addTo(this.#trusted, proxy);
  }

  /** The place of one more socket of this client, to be disposed when it closes; or why it gets none. */
  admit(request: IncomingMessage): Disposable | { refused: string; limit: string } {
    const address = this.#addressOf(request);
    const { connectionsPerAddress, handshakesPerSecond } = this.#options;
    if (handshakesPerSecond !== undefined && this.#countHandshake(address) > handshakesPerSecond)
      return { refused: 'too many handshakes from this address', limit: 'handshakes_per_second' };
    const open = this.#open.get(address) ?? 0;
    if (connectionsPerAddress !== undefined && open >= connectionsPerAddress)
      return { refused: 'too many connections from this address', limit: 'connections_per_address' };
    this.#open.set(address, open + 1);
    return { [Symbol.dispose]: () => this.#leave(address) };
  }

  #leave(address: string): void {
    const left = (this.#open.get(address) ?? 1) - 1;
    if (left > 0) this.#open.set(address, left);
    else this.#open.delete(address);
  }

  #countHandshake(address: string): number {
    const second = Math.floor(performance.now() / 1000);
    if (second !== this.#second) this.#handshakes = new Map();
    this.#second = second;
    const count = (this.#handshakes.get(address) ?? 0) + 1;
    this.#handshakes.set(address, count);
    return count;
  }

  /** The nearest address that is not one of our own proxies: everything before it could have been written by anybody. */
  #addressOf(request: IncomingMessage): string {
    const peer = plain(request.socket.remoteAddress ?? '');
    const said = forwardedFor(request);
    let address = peer;
    while (said.length > 0 && this.#isTrusted(address)) address = said.pop() ?? address;
    return address;
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
