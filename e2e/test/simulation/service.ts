import { EventEmitter } from 'node:events';
import type { Server } from 'node:http';
import { upstreamHeaders } from '@reveille/contracts';
import { sleep } from '@reveille/lifecycle';
import type { RunName } from '@reveille/orchestration';
import { proveSession, serveSessions, type UpstreamSession } from '@reveille/service-kit';
import { signProof } from '@reveille/service-kit/keys';
import { End, type Latency } from './network/end.ts';
import { type Answer, Handshake, type Headers } from './network/upstream.ts';
import type { Random } from './random.ts';

/** What a user says: whose it is, and its id for services that are told none. */
export type Said = { readonly id: string; readonly user: string; readonly tenant: string };
/** Whom a service talks to. */
export type Partner = { readonly session: string; readonly user: string; readonly tenant: string | undefined };

/** Sees what services take and say. */
export interface ServiceWitness {
  took(run: RunName, speaks: 'v1' | 'bare', partner: Partner, said: Said): void;
  says(run: RunName, partner: Partner, data: string): void;
  /** The service has given up the session: its edge said so, or did not come back. */
  forgot(run: RunName, partner: Partner): void;
}

/** The most that is said in one frame, characters beside its stamp, and how long it is thought about, milliseconds. */
const longest = 400;
const thinkingMs = 900;
/** Share of sessions that are told something that nobody asked for. */
const unasked = 0.2;

export type ServiceParts = {
  readonly random: Random;
  readonly witness: ServiceWitness;
  readonly latency: Latency;
  /** Share of messages around which the connection that they came by breaks. */
  frailty(): number;
};

/** A service of the simulation as users meet it: it proves itself, and stamps everything that it says. */
export class Service implements AsyncDisposable {
  readonly #run: RunName;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #random: Random;
  readonly #witness: ServiceWitness;
  readonly #latency: Latency;
  readonly #frailty: () => number;
  readonly #server = new EventEmitter() as Server;
  readonly #kit: AsyncDisposable | undefined;
  readonly #ends = new Set<End>();
  #over = false;

  constructor(run: RunName, environment: Readonly<Record<string, string>>, of: ServiceParts) {
    this.#run = run;
    this.#environment = environment;
    this.#random = of.random;
    this.#witness = of.witness;
    this.#latency = of.latency;
    this.#frailty = of.frailty;
    if (environment['REVEILLE_SERVICE'] !== 'room')
      this.#kit = serveSessions({
        ...{ server: this.#server, path: '/', env: { ...environment }, lingerMs: 20_000 },
        onSession: (session) => this.#serve(session),
      });
  }

  /** @param by a stranger at the address of this run: it can do everything but prove that it is this service */
  answer(headers: Headers, from: End, by?: 'stranger'): Answer | undefined {
    if (by === 'stranger') return this.#stranger(headers, from);
    if (this.#kit === undefined) return this.#bare(headers, from);
    const handshake = new Handshake(from, this.#latency);
    const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
    const request = { url: '/', headers: { ...lower, 'sec-websocket-protocol': 'reveille.upstream.v1' } };
    this.#server.emit('upgrade', request, handshake, Buffer.alloc(0));
    const { answer } = handshake;
    if (answer !== undefined && 'end' in answer) this.#remember(answer.end);
    return answer;
  }

  /** In the middle of whatever it does. */
  kill(): void {
    this.#over = true;
    for (const end of this.#ends) end.lose();
    void this.#kit?.[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over = true;
    for (const end of this.#ends) if (this.#kit === undefined) end.close(1001);
    await this.#kit?.[Symbol.asyncDispose]();
  }

  async #serve(session: UpstreamSession): Promise<void> {
    const { id, user, tenant } = session;
    const partner = { session: id, user, tenant };
    const say = (data: object, re?: string, final?: boolean): void => {
      if (this.#over || session.signal.aborted) return;
      this.#witness.says(this.#run, partner, JSON.stringify(data));
      const options = { ...(re === undefined ? {} : { re }), ...(final ? { final } : {}) };
      session.emit(data as never, options).catch(() => undefined);
    };
    session.signal.addEventListener('abort', () => this.#witness.forgot(this.#run, partner), { once: true });
    if (this.#random.chance(unasked)) say(this.#stamped(partner));
    for await (const { data } of session.messages) {
      this.#witness.took(this.#run, 'v1', partner, data as Said);
      void this.#reply(partner, data as Said, say);
    }
  }

  #bare(headers: Headers, from: End): Answer {
    const proof = proveSession(headers, { ...this.#environment });
    const end = this.#remember(new End(undefined, this.#latency));
    End.join(end, from);
    const partner = partnerIn(headers);
    const say = (data: object): void => {
      if (this.#over || end.readyState !== end.OPEN) return;
      this.#witness.says(this.#run, partner, JSON.stringify(data));
      end.send(JSON.stringify(data));
    };
    end.on('message', (text) => {
      if (this.#over) return;
      const said = JSON.parse(String(text)) as Said;
      this.#witness.took(this.#run, 'bare', partner, said);
      void this.#reply(partner, said, say);
    });
    return { headers: proof === undefined ? {} : { [upstreamHeaders.proof]: proof }, end };
  }

  #stranger(headers: Headers, from: End): Answer {
    const partner = partnerIn(headers);
    const end = new End(undefined, this.#latency);
    End.join(end, from);
    end.send(JSON.stringify(this.#stamped(partner)));
    const forged = signProof(Buffer.alloc(32, 9).toString('base64url'), 'anything');
    const proof = this.#random.chance(0.5) ? { [upstreamHeaders.proof]: forged } : {};
    return { headers: proof, end };
  }

  async #reply(
    partner: Partner,
    { id }: Said,
    say: (data: object, re?: string, final?: boolean) => void,
  ): Promise<void> {
    for (let more = this.#random.between(0, 2); more >= 0; more--) {
      await sleep(this.#random.between(1, thinkingMs));
      say({ ...this.#stamped(partner), re: id, final: more === 0 }, id, more === 0);
    }
  }

  /** Each is said once in the world. */
  #stamped(partner: Partner): object {
    const { random } = this.#random.chance(0.5) ? { random: this.#random.between(0, longest) } : { random: 0 };
    return { by: this.#run.name, ...partner, nonce: this.#random.next(), text: 'x'.repeat(random) };
  }

  #remember(end: End): End {
    this.#ends.add(end);
    end.once('close', () => this.#ends.delete(end));
    end.on('message', () => {
      if (this.#random.chance(this.#frailty())) setTimeout(() => end.terminate(), this.#random.between(0, 50));
    });
    return end;
  }
}

function partnerIn(headers: Headers): Partner {
  return {
    session: headers[upstreamHeaders.session] ?? '',
    user: headers[upstreamHeaders.user] ?? '',
    tenant: headers[upstreamHeaders.tenant],
  };
}
