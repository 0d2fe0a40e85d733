import type { InitializationFrame } from '@reveille/contracts';
import { forAudiences } from './encoded.ts';
import type { Initialization } from './initialization.ts';
import type { Member } from './member.ts';

/** The sessions that wait for one plan. All are told the same, encoded once for each audience. */
export class Waiting {
  /** With the initialization that each of them was told of. */
  readonly #members = new Map<Member, Initialization>();
  /** When they were last told of anything that went on, monotonic milliseconds. That it takes long is no progress. */
  #toldAt = 0;

  get size(): number {
    return this.#members.size;
  }

  /** How long they have been told of no progress, milliseconds; 0 while nobody waits. */
  get silentMs(): number {
    return this.#members.size === 0 ? 0 : performance.now() - this.#toldAt;
  }

  add(member: Member, initialization: Initialization): void {
    if (this.#members.size === 0) this.#toldAt = performance.now();
    this.#members.set(member, initialization);
  }

  initializationOf(member: Member): Initialization | undefined {
    return this.#members.get(member);
  }

  /** True when the member waited. */
  delete(member: Member): boolean {
    return this.#members.delete(member);
  }

  /** Nobody waits any more; those who did. */
  takeAll(): Member[] {
    const all = [...this.#members.keys()];
    this.#members.clear();
    return all;
  }

  /** All that one change has to tell goes to each of them in one piece. */
  broadcast(frames: readonly InitializationFrame[]): void {
    if (frames.length === 0) return;
    if (frames.some(({ type }) => type !== 'initialization_slow')) this.#toldAt = performance.now();
    const preparedFor = forAudiences(frames);
    for (const member of this.#members.keys()) member.tell(preparedFor(member.audience));
  }
}
