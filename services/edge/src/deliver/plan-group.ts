import type { Entrypoint, FailureCode, InitializationReason, InstanceKey, LedgerRecord } from '@reveille/contracts';
import { sleep } from '@reveille/lifecycle';
import {
  framesBetween,
  type Plan,
  type PlanStatus,
  positionFrames,
  type Reading,
  snapshotFrames,
  startedFrame,
  type Telling,
} from '@reveille/orchestration';
import type { Waiter } from '../note/run-notes.ts';
import { Beginning } from './beginning.ts';
import { prepare } from './encoded.ts';
import type { GroupOf, GroupParts } from './group-parts.ts';
import { type Initialization, originOfWaiters } from './initialization.ts';
import { type Change, PlanKnowledge, plannedOf } from './plan-knowledge.ts';
import type { Member } from './member.ts';
import { SlowWarning } from './slow-warning.ts';
import { tellingOf } from './telling-of.ts';
import { Waiting } from './waiting.ts';

/** How much later than the ledger's answer that about earlier starts may come before nobody waits for it, milliseconds. */
const forecastMs = 20;

/** One plan for one target instance, and all sessions of this edge that need it: one state, one encoding per change. */
export class PlanGroup {
  readonly entrypoint: Entrypoint;
  /** Of the entrypoint. */
  readonly name: string;
  readonly plan: Plan;
  readonly knowledge: PlanKnowledge;
  readonly beginning: Beginning;
  readonly #parts: GroupParts;
  /** Sessions that came for this plan and have not ended. One whose start failed is no member, and may come back by `retry`. */
  #sessions = 0;
  readonly #members = new Set<Member>();
  readonly #waiting = new Waiting();
  #entering: Promise<void> | undefined;
  #initialization: Initialization | undefined;
  readonly #slow: SlowWarning;

  constructor(of: GroupOf, parts: GroupParts) {
    this.entrypoint = of.entrypoint;
    this.name = of.name;
    this.plan = of.plan;
    this.knowledge = new PlanKnowledge(of.plan, parts);
    this.beginning = new Beginning(of.plan);
    this.#parts = parts;
    this.#slow = new SlowWarning(parts);
  }

  /** By the ledger's clock, epoch milliseconds: that of this host may be wrong. */
  get now(): number {
    return this.#parts.clock.now();
  }

  get waiting(): number {
    return this.#waiting.size;
  }
  get sessions(): number {
    return this.#sessions;
  }

  /** Whether an operator has closed the entrypoint: nobody's need is taken up then. */
  get isPaused(): boolean {
    return this.#parts.isPaused(this.name);
  }

  /** How long those who wait have been told nothing, milliseconds; 0 while nobody waits. */
  get silentMs(): number {
    return this.#waiting.silentMs;
  }

  /** Nobody can come back to it, and what it knows is old. */
  get forgettable(): boolean {
    return this.#sessions === 0 && !this.knowledge.isFresh;
  }

  /** Keeps the group, and with it the changes that it hears of, until the session has ended. */
  keep(): Disposable {
    this.#sessions += 1;
    return { [Symbol.dispose]: () => void (this.#sessions -= 1) };
  }

  /** A session talks to this generation of the target, until the end of what is returned. */
  talksTo(record: LedgerRecord): Disposable {
    return this.#parts.talks.on(record, () => this.knowledge.target);
  }

  /** The failure that cools down, when that is known from a young reading: then nobody needs to ask. */
  freshFailure(): Extract<PlanStatus, { status: 'failed' }> | undefined {
    const { isFresh, status } = this.knowledge;
    return isFresh && status.status === 'failed' ? status : undefined;
  }

  /**
   * States the interest of `member` and knows the plan afterwards. One round trip for the first; further members cost nothing
   * while a reading is young or while others wait.
   * @throws BrokerUnavailable; the member is not in then
   */
  async enter(member: Member): Promise<void> {
    const first = this.#members.size === 0;
    if (first) this.#parts.interest.hold(this.knowledge.instances);
    this.#members.add(member);
    if (!first && this.#entering === undefined && (this.knowledge.isFresh || this.#waiting.size > 0)) return;
    const entering = (this.#entering ??= this.#want());
    try {
      await entering;
    } catch (error) {
      this.leave(member);
      throw error;
    } finally {
      if (this.#entering === entering) this.#entering = undefined;
    }
  }

  /** The member needs the plan no more; with the last one the interest ends. @param why the code of its failure, if that is why it leaves */
  leave(member: Member, why?: FailureCode): void {
    this.stopWaiting(member, why);
    if (!this.#members.delete(member) || this.#members.size > 0) return;
    // A call under way was made before the interest ended: whoever comes next must state it anew.
    this.#entering = undefined;
    this.#parts.interest.release(this.knowledge.instances);
  }

  /**
   * From now on `member` is told what changes, after a snapshot when it was told nothing yet. Joins the initialization that is
   * under way or begins one, with a wake-up for all that is missing.
   * @param earlier the initialization that the member was told about already
   */
  wait(member: Member, reason: InitializationReason, earlier?: Initialization): Initialization {
    const since = this.#supersede(member) ?? this.now;
    const under = this.#initialization;
    const begin = (): Initialization => this.beginning.open(this.name, this.knowledge.state, since, reason);
    const initialization = (this.#initialization ??= earlier ?? begin());
    if (under === undefined) {
      this.#parts.wake(this.knowledge.missing(), 'wanted', originOfWaiters(initialization));
      const { plan, name: entrypoint } = this;
      const { state } = this.knowledge;
      this.#parts.notes.begun({ plan, state, entrypoint }, initialization, this.telling(initialization));
      this.#slow.start(this, initialization, (frame) => this.#waiting.broadcast([frame]));
    }
    this.#waiting.add(member, earlier ?? initialization);
    if (earlier !== undefined) return earlier;
    const joins = under !== undefined || initialization.joined;
    this.tellSnapshot(member, reason === 'cold' && joins ? 'joined' : reason, initialization);
    return initialization;
  }

  /** Writes down that one user waits; to be called once with how that ends. */
  noteWait(waiter: Waiter, initialization: Initialization): (outcome: string) => void {
    return this.#parts.notes.waits(waiter, initialization, { entrypoint: this.name, target: this.plan.target });
  }

  stopWaiting(member: Member, why?: FailureCode): void {
    const left = why === undefined || why === 'cancelled' ? 'abandoned' : why;
    if (this.#waiting.delete(member) && this.#waiting.size === 0) this.#endInitialization(left);
  }

  /** How far everything is, for one member. */
  tellSnapshot(member: Member, reason: InitializationReason, initialization: Initialization): void {
    const telling = this.telling(initialization);
    const { state } = this.knowledge;
    const started = startedFrame(this.plan, state, reason, telling);
    member.tell(prepare([started, ...snapshotFrames(this.plan, state, telling)]));
  }

  /** For one who could not be told what changed: what is missing from it is superseded by how far everything is now. */
  catchUp(member: Member): void {
    const initialization = this.#waiting.initializationOf(member);
    if (initialization !== undefined) this.tellSnapshot(member, 'joined', initialization);
  }

  telling = (initialization: Initialization): Telling =>
    tellingOf(initialization, this.entrypoint.deadlineMs, this.#parts);

  hear(readings: readonly Reading[]): void {
    this.#changed(this.knowledge.hear(readings));
  }

  apply(record: LedgerRecord): void {
    this.#changed(this.knowledge.apply([record]));
  }

  /** These have another number in line now. */
  tellPositions(moved: ReadonlySet<InstanceKey>): void {
    if (this.#initialization === undefined) return;
    const telling = this.telling(this.#initialization);
    this.#parts.notes.positions(this.#initialization.id, this.knowledge.state, moved, this.#parts.positions);
    this.#waiting.broadcast(positionFrames(this.plan, this.knowledge.state, moved, telling));
  }

  /** Wakes again what nobody has begun: a first wake-up that got lost leaves no record that a sweep could find. */
  remind(): void {
    if (this.#initialization !== undefined)
      this.#parts.wake(this.knowledge.unbegun(), 'wanted', originOfWaiters(this.#initialization));
  }

  /** The record says ready and nobody answers there: an initializer should look. */
  suspectTarget(): void {
    this.#parts.wake([plannedOf(this.plan, this.plan.target)], 'suspect');
  }

  async #want(): Promise<void> {
    const forecast = this.#parts.expectations.refresh(this.plan.instances.map(({ service }) => service));
    const readings = await this.#parts.interest.want(this.knowledge.instances, this.beginning.announce());
    this.beginning.heard(readings);
    this.hear(readings);
    if (this.knowledge.status.status === 'initializing') await Promise.race([forecast, sleep(forecastMs)]);
  }

  #changed(change: Change | undefined): void {
    if (change === undefined) return;
    const { before, after } = change;
    if (this.#initialization !== undefined && this.#waiting.size > 0) {
      this.#waiting.broadcast(framesBetween(this.plan, before, after, this.telling(this.#initialization)));
    }
    const target = after.get(this.plan.target);
    if (target !== undefined && target !== before.get(this.plan.target)) {
      for (const member of [...this.#members]) member.targetChanged(target);
    }
    const { status } = this.knowledge.statusIn(this.#initialization?.id);
    if (status === 'ready') this.beginning.reached(after);
    if (status !== 'initializing') this.#settle(status);
  }

  #settle(outcome: string): void {
    const waiting = this.#waiting.takeAll();
    if (waiting.length > 0) this.#endInitialization(outcome);
    for (const member of waiting) member.settled();
  }

  /** Others wait on in what was ended for this member: it waits in another one, as whoever comes now. Since when all of them have waited. */
  #supersede({ toldEnds }: Member): number | undefined {
    const under = this.#initialization;
    if (under === undefined || !toldEnds.has(under.id)) return undefined;
    this.#endInitialization('deadline_exceeded');
    return under.startedAt;
  }

  #endInitialization(outcome: string): void {
    this.#slow.stop();
    const initialization = this.#initialization;
    if (initialization === undefined) return;
    this.#initialization = undefined;
    initialization.end(this.#parts.notes.ended(initialization.id, outcome, this.knowledge.state));
  }
}
