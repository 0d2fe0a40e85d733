import type { ReconcileJob, StartJob } from '@reveille/contracts';
import type { JobsOptions } from 'bullmq';
import { canaryJob } from './canary.ts';

export const reconcileQueue = 'reconcile';
export const startQueue = 'start';
export type QueueName = typeof reconcileQueue | typeof startQueue;

/** A waiting reconcile stands for later ones for so long (ms); also how long a lost one can hold back the next. */
const collapseMs = 1000;

/** Failures are never repeated by BullMQ, nothing is kept: the sweep repairs from the ledger. */
const once = { attempts: 1, removeOnComplete: true, removeOnFail: true } as const satisfies JobsOptions;

/**
 * Reconciles of one instance for one reason collapse while the first of them waits. The consumer takes the mark away
 * before it reads the ledger, so that a wake-up that comes while one is handled is a job of its own. (A job id would not
 * do: an id that is being handled is silently not added again.)
 */
export function reconcileOptions(job: ReconcileJob): JobsOptions {
  return { ...once, deduplication: { id: `${job.instance}.${job.reason}`, ttl: collapseMs } };
}

/** One waits at most: an id that is there is not added again. */
export const canaryOptions: JobsOptions = { ...once, jobId: canaryJob };

/** A start is one job per attempt, whoever adds it and however often. It wakes a place; which start is made there is said by the line. */
export function startOptions(job: StartJob): JobsOptions {
  const jobId = `${startQueue}.${job.instance}.${job.generation}.${job.attempt}`;
  return { ...once, jobId };
}
