import type { InitializationReason, Origin } from '@reveille/contracts';
import type { Announcement, Plan, PlanState, Reading } from '@reveille/orchestration';
import { type Initialization, newOrigin, openInitialization } from './initialization.ts';
import { Joinable } from './joinable.ts';
import { successorOf } from './successor.ts';

type Run = { readonly origin: Origin; readonly startedAt: number | undefined };

/**
 * How an initialization of one plan begins on this edge: by joining the one that is under way, or the one that another edge announced and no
 * initializer has begun yet, else under a name of its own. Each statement of interest announces such a name, so that edges
 * which meet a cold plan at the same moment tell their users of one initialization and not of as many as there are edges. What follows a
 * generation that was lost has a name that all edges know.
 */
export class Beginning {
  readonly #plan: Plan;
  readonly #joinable: Joinable;
  #own: Origin = newOrigin();
  #announced: { readonly by: Announcement; readonly revision: number | undefined } | undefined;

  constructor(plan: Plan) {
    this.#plan = plan;
    this.#joinable = new Joinable(plan);
  }

  /** The end of this initialization was told: nobody here joins it any more. */
  ended(initialization: string): void {
    this.#joinable.ended(initialization);
  }

  /** The name to announce with the interest. */
  announce(): Origin {
    this.#own = newOrigin();
    return this.#own;
  }

  /** What was read with that: whose announcement of the target came first. */
  heard(readings: readonly Reading[]): void {
    const target = readings.find(({ instance }) => instance === this.#plan.target);
    this.#announced = target?.announced && { by: target.announced, revision: target.record?.revision };
  }

  /** Everything is ready: whatever becomes missing next belongs to another initialization, also to those who were told of none. */
  reached(state: PlanState): void {
    for (const { origin } of state.values()) if (origin !== undefined) this.ended(origin.initialization);
  }

  /** @param now ledger milliseconds, the beginning of a run that nobody else has begun */
  open(entrypoint: string, state: PlanState, now: number, reason: InitializationReason): Initialization {
    const successor = successorOf(this.#plan, state, reason);
    const own = successor === undefined || this.#joinable.hasEnded(successor) ? this.#own : successor;
    const run = own === successor ? undefined : this.#underWay(state);
    this.#own = newOrigin();
    const joined = run?.origin.initialization === own.initialization ? undefined : run?.origin;
    return openInitialization({ entrypoint, origin: joined, own, startedAt: run?.startedAt ?? now, now });
  }

  #underWay(state: PlanState): Run | undefined {
    const known = this.#joinable.find(state);
    if (known !== undefined) return known;
    const { by, revision } = this.#announced ?? {};
    // The next commit ended the announcement: what it announced is over, or has become a record.
    if (by === undefined || state.get(this.#plan.target)?.revision !== revision) return undefined;
    return this.#joinable.hasEnded(by.origin) ? undefined : { origin: by.origin, startedAt: by.at };
  }
}
