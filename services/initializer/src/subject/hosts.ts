import type { Service } from '@reveille/contracts';
import { sleep } from '@reveille/lifecycle';
import type { Members } from '@reveille/orchestration';

/** How old the knowledge of which hosts live may be, in milliseconds. */
export const freshMs = 500;
/** How often an announcement is looked for that must come, milliseconds. */
const lookAgainMs = 250;
/**
 * How long an initializer counts as alive after its last announcement, and how often it announces itself, milliseconds. With the age
 * of that knowledge and a sweep it is 10 s at most until a start of its host goes on elsewhere.
 */
export const memberTtlMs = 8000;
export const announceEveryMs = 2000;

/** Which hosts have a live initializer, and which services live and die with one. */
export class Hosts {
  readonly #members: Members;
  readonly #hostId: string;
  #known: { at: number; alive: Promise<ReadonlySet<string>> } | undefined;
  #edgeKeys: readonly string[] = [];
  #last: ReadonlySet<string> = new Set();
  #bridgedUntil = 0;

  constructor(members: Members, hostId: string) {
    this.#members = members;
    this.#hostId = hostId;
  }

  /** The host of a claim made here: only for services that cannot outlive this host's initializer. */
  ownHost(spec: Service): string | undefined {
    return spec.start.process || spec.start.module ? this.#hostId : undefined;
  }

  /** The host's own id. */
  get own(): string {
    return this.#hostId;
  }

  /**
   * Redis was away: announcements ran out while nobody could renew them, so that the hosts that lived before it are taken as alive
   * for one more ttl. Without this each initializer would take all others for dead and their services for lost.
   */
  noteOutage(): void {
    this.#bridgedUntil = performance.now() + memberTtlMs;
    this.#known = undefined;
  }

  /** What runs there can be looked for and stopped here: it lives on no host, on this one, or on one that died with it. */
  async mayActOn(host: string | undefined): Promise<boolean> {
    return host === undefined || host === this.#hostId || !(await this.alive()).has(host);
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

  /**
   * Public keys that the live edges announced. After an outage, and in a ledger that was just emptied, those of before count too: edges
   * announce themselves again within seconds, and a service that was started without their key would refuse them for all its life. For
   * the same reason an initializer that has seen no edge before an outage waits for one to announce itself.
   */
  async edgeKeys(signal: AbortSignal): Promise<readonly string[]> {
    await this.alive();
    while (this.#edgeKeys.length === 0 && this.#isBridged) {
      await sleep(lookAgainMs, signal);
      this.#known = undefined;
      await this.alive();
    }
    return this.#edgeKeys;
  }

  get #isBridged(): boolean {
    return performance.now() < this.#bridgedUntil;
  }

  async #read(): Promise<ReadonlySet<string>> {
    const members = await this.#members.alive();
    const isBridged = this.#isBridged;
    const keys = members.flatMap((member) => member.edgeKey ?? []);
    this.#edgeKeys = [...new Set([...keys, ...(isBridged || keys.length === 0 ? this.#edgeKeys : [])])];
    const hosts = members.flatMap((member) => (member.kind === 'initializer' ? (member.host ?? []) : []));
    this.#last = new Set([...hosts, ...(isBridged ? this.#last : []), this.#hostId]);
    return this.#last;
  }
}
