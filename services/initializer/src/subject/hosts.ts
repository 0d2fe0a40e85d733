import type { Service } from '@reveille/contracts';
import type { Members } from '@reveille/orchestration';

/** How old the knowledge of which hosts live may be, in milliseconds. */
const freshMs = 1000;

/** Which hosts have a live initializer, and which services live and die with one. */
export class Hosts {
  readonly #members: Members;
  readonly #hostId: string;
  #known: { at: number; alive: Promise<ReadonlySet<string>> } | undefined;
  #edgeKeys: readonly string[] = [];

  constructor(members: Members, hostId: string) {
    this.#members = members;
    this.#hostId = hostId;
  }

  /** The host of a claim made here: only for services that cannot outlive this host's initializer. */
  ownHost(spec: Service): string | undefined {
    return spec.start.process || spec.start.module ? this.#hostId : undefined;
  }

  async alive(): Promise<ReadonlySet<string>> {
    const now = performance.now();
    if (this.#known === undefined || now - this.#known.at > freshMs) {
      const alive = this.#read();
      this.#known = { at: now, alive };
      alive.catch(() => (this.#known = undefined));
    }
    return this.#known.alive;
  }

  /** Public keys that the live edges announced. */
  async edgeKeys(): Promise<readonly string[]> {
    await this.alive();
    return this.#edgeKeys;
  }

  async #read(): Promise<ReadonlySet<string>> {
    const members = await this.#members.alive();
    this.#edgeKeys = [...new Set(members.flatMap((member) => member.edgeKey ?? []))];
    const hosts = members.flatMap((member) => (member.kind === 'initializer' ? (member.host ?? []) : []));
    return new Set([...hosts, this.#hostId]);
  }
}
