import type { InstanceKey, StartJob } from '@reveille/contracts';
import type { AdmissionLimits } from '@reveille/orchestration';

/** A free place asks for the next start. */
export type NextTurn = {
  /** Who takes it: new for each consumption. */
  owner: string;
  ttlMs: number;
  limits: AdmissionLimits;
  /** The start of the job that woke the place: it enters first, should it not stand in line yet. */
  offer?: StartJob | undefined;
  /** The start that was made in this place before, and is over. */
  done?: StartJob | undefined;
};

/** The line of queued starts of a namespace: what `admission` of orchestration says, kept where all initializers see it. */
export interface Turns {
  enter(job: StartJob, limits: AdmissionLimits): Promise<void>;
  /** Lets in whoever is next: one round trip, also with `offer` and `done`. */
  next(of: NextTurn): Promise<StartJob | undefined>;
  /** The starts are under way still. */
  renew(jobs: readonly StartJob[], of: { owner: string; ttlMs: number }): Promise<void>;
  release(job: StartJob, of: { owner: string; limits: AdmissionLimits }): Promise<void>;
  withdraw(instance: InstanceKey, generation: number, limits: AdmissionLimits): Promise<void>;
  positions(instances: readonly InstanceKey[]): Promise<Map<InstanceKey, number>>;
}
