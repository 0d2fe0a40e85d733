import type { Origin } from '@reveille/contracts';
import { originOf, type Plan, type PlanState, startedAtOf } from '@reveille/orchestration';
import { ToldEnds } from './told-ends.ts';

/** Which initialization a user joins who needs the plan now: the one under way, unless its end was told already. */
export class Joinable {
  readonly #plan: Plan;
  readonly #ended = new ToldEnds();

  constructor(plan: Plan) {
    this.#plan = plan;
  }

  /** The end of this initialization was told. What it leaves behind may still be starting, and is no reason to join it again. */
  ended(id: string): void {
    this.#ended.add(id);
  }

  hasEnded({ initialization }: Origin): boolean {
    return this.#ended.has(initialization);
  }

  /** `startedAt`: ledger milliseconds, the same on every edge. */
  find(state: PlanState): { origin: Origin; startedAt: number | undefined } | undefined {
    const origin = originOf(this.#plan, state);
    if (origin === undefined || this.hasEnded(origin)) return undefined;
    const own = new Map([...state].filter(([, record]) => record.origin?.initialization === origin.initialization));
    return { origin, startedAt: startedAtOf(this.#plan, own) };
  }
}
