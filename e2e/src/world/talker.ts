import { connect, type ReveilleClient, ReveilleError } from '@reveille/client';
import type { FaultWorld } from './fault-world.ts';
import { eventually } from './eventually.ts';
import { witnessedSocket } from './witnessed-socket.ts';

/** How long the service thinks about an answer: whatever happens meets questions under way. Milliseconds. */
const pauseMs = 40;

/** A user with the library of ours who asks one question after the other, without a pause, until told to stop. */
export class Talker {
  readonly client: ReveilleClient;
  readonly name: string;
  /** Final answers to each question. */
  readonly answers = new Map<string, number>();
  /** Questions that were named in `interrupted`. */
  readonly interrupted: string[] = [];
  /** Codes of whatever else became of a question. */
  readonly refusals: string[] = [];
  asked = 0;
  resumed = 0;
  readonly sessions = new Set<string>();
  #talking = true;
  readonly #over: Promise<void>;

  constructor(
    world: FaultWorld,
    name: string,
    url: string,
    { entrypoint = 'chat', tenant = 'acme' }: { entrypoint?: string; tenant?: string } = {},
  ) {
    this.name = name;
    const { history } = world;
    const Socket = witnessedSocket({ history, user: name, tenant, edge: 'balancer' });
    this.client = connect({ url, entrypoint, as: { user: name, tenant }, WebSocket: Socket });
    this.client.on('welcome', ({ session, resumed }) => {
      this.sessions.add(session);
      if (resumed) this.resumed += 1;
    });
    this.client.on('message', ({ re = '', final }) => {
      if (final === true) this.answers.set(re, (this.answers.get(re) ?? 0) + 1);
    });
    this.#over = this.#talk();
  }

  /** Questions that are neither answered nor told to be interrupted or refused. */
  get lost(): number {
    return this.asked - this.answers.size - this.interrupted.length - this.refusals.length;
  }

  get doubled(): number {
    return [...this.answers.values()].filter((count) => count > 1).length;
  }

  /** Resolves when the question under way has ended. */
  async stop(): Promise<void> {
    this.#talking = false;
    await this.#over;
  }

  async #talk(): Promise<void> {
    while (this.#talking) {
      this.asked += 1;
      const id = `${this.name}-${this.asked}`;
      try {
        await Array.fromAsync(this.client.ask({ text: id, parts: 2, pauseMs }, { id }));
      } catch (error) {
        if (!(error instanceof ReveilleError)) throw error;
        // Its answer may have come all the same: then it counts as that.
        if (error.code === 'interrupted' && !this.answers.has(id)) this.interrupted.push(id);
        else if (error.code !== 'interrupted') this.refusals.push(error.code);
        if (error.code === 'closed') return;
        if (this.client.state === 'failed') this.client.retry();
      }
    }
  }
}

/** Each of them gets two more answers: whatever was done before, all is well. */
export async function goOn(talkers: readonly Talker[]): Promise<void> {
  const before = talkers.map(({ answers }) => answers.size);
  await eventually(
    () => talkers.every(({ answers }, at) => answers.size > (before[at] ?? 0) + 1),
    () => `they do not go on: ${talkers.map(({ name, client }) => `${name} is ${client.state}`).join()}`,
  );
}
