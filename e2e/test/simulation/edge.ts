import type { Duplex } from 'node:stream';
import type { KeyObject } from 'node:crypto';
import { type Sessions, defaultTimings, startSessions } from '@reveille/edge';
import type { Logger, Metrics } from '@reveille/telemetry';
import type { WebSocket } from 'ws';
import { currentCatalogs, type Entrypoint } from './catalog.ts';
import { Deployable, passing } from './deployable.ts';
import { End } from './network/end.ts';
import { EdgeSide, type UserSide } from './network/user-socket.ts';
import { connecting, type Upstreams } from './network/upstream.ts';
import type { Tokens } from './tokens.ts';

/** Small, so that a user who does not read soon presses on his service. */
const timings = { ...defaultTimings, pauseBytes: 4_096, outboxBytes: 32_768 };

/** An edge as it is, without its network. */
export class SimEdge extends Deployable {
  readonly kind = 'edge';
  /** Whoever balances the load sends no more users. */
  draining = false;
  readonly #ends = new Set<End>();
  #sessions: Sessions | undefined;
  #upstreams: Upstreams | undefined;

  async start(of: {
    signingKey: KeyObject;
    upstreams: Upstreams;
    logger: Logger;
    metrics: Metrics;
    onLimit(limit: string): void;
    tokens: Tokens | undefined;
  }): Promise<void> {
    const { signingKey, upstreams, logger, metrics, onLimit, tokens } = of;
    this.#upstreams = upstreams;
    const sessions = await startSessions(this.scope, {
      edge: this.id,
      broker: passing(this.process, this.broker),
      authenticate: tokens?.judgeIn(this.process),
      services: [],
      ...{ signingKey, timings, logger, metrics, onLimit },
    });
    this.#sessions = this.scope.use(sessions, 'sessions');
  }

  /** A user's socket; `onOpened` sees this side of it before anything is said. */
  async accept(user: UserSide, name: Entrypoint, onOpened: (socket: EdgeSide) => void): Promise<void> {
    const [sessions, upstreams, { process }] = [this.#sessions, this.#upstreams, this];
    await process.pass();
    const current = currentCatalogs[process.version] ?? currentCatalogs[0];
    const entrypoint = current.entrypoint(name);
    if (sessions === undefined || upstreams === undefined || sessions.draining || entrypoint === undefined)
      return user.refused();
    if (user.readyState !== 0) return;
    const socket = new EdgeSide(process, upstreams.latency);
    this.#ends.add(socket);
    socket.once('close', () => this.#ends.delete(socket));
    End.join(user, socket);
    onOpened(socket);
    user.opened();
    const { connection } = socket;
    const entrance = { name, entrypoint, current, bearer: undefined, connection: connection as Duplex };
    connecting.run({ process, upstreams, ends: this.#ends }, () =>
      sessions.accept(socket as unknown as WebSocket, entrance),
    );
  }

  override crash(): void {
    this.draining = true;
    for (const end of this.#ends) end.lose();
    super.crash();
  }

  override async terminate(): Promise<void> {
    this.draining = true;
    await super.terminate();
  }

  /** A connection of a user breaks. */
  breakOne(which: (ends: readonly End[]) => End | undefined): boolean {
    const end = which([...this.#ends].filter((one) => one instanceof EdgeSide));
    end?.terminate();
    return end !== undefined;
  }
}
