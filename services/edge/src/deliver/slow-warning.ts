import type { Entrypoint, InitializationFrame } from '@reveille/contracts';
import { type Plan, slowFrame, type Telling } from '@reveille/orchestration';
import type { GroupParts } from './group-parts.ts';
import type { Initialization } from './initialization.ts';
import type { PlanKnowledge } from './plan-knowledge.ts';

type Warned = {
  readonly plan: Plan;
  readonly knowledge: Pick<PlanKnowledge, 'state'>;
  readonly entrypoint: Pick<Entrypoint, 'deadlineMs'>;
  readonly telling: (initialization: Initialization) => Telling;
};

/**
 * Says that an initialization takes longer than usual: once past half of its deadline, or past what 95 of 100 starts of what is missing take
 * where that is known, then again and again until stopped.
 */
export class SlowWarning {
  readonly #parts: Pick<GroupParts, 'clock' | 'expectations' | 'slowEveryMs'>;
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: Pick<GroupParts, 'clock' | 'expectations' | 'slowEveryMs'>) {
    this.#parts = parts;
  }

  start(
    { plan, knowledge, entrypoint, telling }: Warned,
    initialization: Initialization,
    say: (frame: InitializationFrame) => void,
  ): void {
    this.stop();
    const { clock, expectations, slowEveryMs } = this.#parts;
    const untilHalf = entrypoint.deadlineMs / 2 - (clock.now() - initialization.startedAt);
    const p95Ms = expectations.p95Ms(plan, knowledge.state);
    const warn = (): void => {
      say(slowFrame(plan, knowledge.state, telling(initialization), p95Ms));
      this.#timer = setTimeout(warn, slowEveryMs);
    };
    this.#timer = setTimeout(warn, Math.max(0, Math.min(p95Ms ?? untilHalf, untilHalf)));
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
