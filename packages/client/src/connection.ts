import type { ClientFrame, ServerFrame } from '@reveille/contracts';
import { clientSubprotocol } from '@reveille/contracts/close-code';

export type Closed = { code: number; reason: string };

/** From the first packet to `welcome`; the edge itself gives up on a silent client after 10 s. */
const welcomeTimeoutMs = 15_000;
/** Heartbeats that may stay away before a connection counts as lost. */
const missedHeartbeats = 3;
/** How long a closing handshake may take before we stop waiting for it. */
const closeTimeoutMs = 2000;

/** One socket to an edge, from its opening to its end. */
export class Connection {
  /** Never rejects. A connection that was lost without a close frame ends with 1006, one that broke the protocol with 1002. */
  readonly closed: Promise<Closed>;
  readonly #socket: WebSocket;
  readonly #settled = Promise.withResolvers<Closed>();
  #watch: ReturnType<typeof setTimeout>;
  #heartbeatMs: number | undefined;
  #isOver = false;

  constructor(options: {
    address: string;
    WebSocket: typeof WebSocket;
    hello: ClientFrame;
    onFrame: (frame: ServerFrame) => void;
  }) {
    this.closed = this.#settled.promise;
    this.#socket = new options.WebSocket(options.address, [clientSubprotocol]);
    this.#watch = setTimeout(() => this.abandon('no welcome in time'), welcomeTimeoutMs);
    this.#socket.addEventListener('open', () => this.send(JSON.stringify(options.hello)));
    this.#socket.addEventListener('message', ({ data }: MessageEvent) => {
      if (this.#isOver) return;
      const frame = parseFrame(data);
      if (!frame) return this.abandon('the edge sent something that is no frame', 1002);
      if (frame.type === 'welcome') this.#heartbeatMs = frame.heartbeatMs;
      this.#heard();
      options.onFrame(frame);
    });
    this.#socket.addEventListener('close', ({ code, reason }: CloseEvent) => this.#end({ code, reason }));
    // Says nothing useful by design of the platform; `close` follows.
    this.#socket.addEventListener('error', () => this.#end({ code: 1006, reason: 'the edge cannot be reached' }));
  }

  /** Does nothing on a connection that is not open: whoever needs delivery waits for an answer. */
  send(frame: string): void {
    if (this.#socket.readyState === 1) this.#socket.send(frame);
  }

  /** Says goodbye and waits a moment for the answer. */
  close(): void {
    clearTimeout(this.#watch);
    this.#watch = setTimeout(() => this.#end({ code: 1000, reason: 'closed by the client' }), closeTimeoutMs);
    this.#socket.close(1000, 'closed by the client');
  }

  /** The peer is not there or cannot be believed: ends at once, without waiting for anything from it. */
  abandon(reason: string, code = 1006): void {
    this.#end({ code, reason });
    this.#socket.close();
  }

  /** Any frame is a sign of life. */
  #heard(): void {
    if (this.#heartbeatMs === undefined) return;
    clearTimeout(this.#watch);
    this.#watch = setTimeout(() => this.abandon('the edge went silent'), this.#heartbeatMs * missedHeartbeats);
  }

  #end(closed: Closed): void {
    this.#isOver = true;
    clearTimeout(this.#watch);
    this.#settled.resolve(closed);
  }
}

function parseFrame(data: unknown): ServerFrame | undefined {
  if (typeof data !== 'string') return undefined;
  try {
    const frame: unknown = JSON.parse(data);
    return isFrame(frame) ? frame : undefined;
  } catch {
    // The caller treats the connection as broken.
    return undefined;
  }
}

/** The edge is authenticated by TLS and tested against the schemas; what matters here is that a stray peer cannot confuse us. */
function isFrame(value: unknown): value is ServerFrame {
  if (typeof value !== 'object' || value === null || !('type' in value) || typeof value.type !== 'string') return false;
  switch (value.type) {
    case 'message':
      return 'seq' in value && Number.isSafeInteger(value.seq) && 'data' in value;
    case 'welcome':
      return 'session' in value && 'resumeKey' in value && 'limits' in value && typeof value.limits === 'object';
    case 'accepted':
    case 'rejected':
      return 'id' in value && typeof value.id === 'string';
    case 'interrupted':
      return 'ids' in value && Array.isArray(value.ids);
    case 'initialization_failed':
      return 'failure' in value && typeof value.failure === 'object' && value.failure !== null;
    default:
      return true;
  }
}
