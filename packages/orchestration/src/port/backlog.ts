/** A queue at one moment. `ageMs`: how long the job has waited that is taken next; 0 when none waits. */
export type QueueBacklog = {
  queue: string;
  waiting: number;
  prioritized: number;
  delayed: number;
  active: number;
  ageMs: number;
};

/** What waits in all of a namespace: jobs, starts in line, starts under way, journal entries that no relay has read or acknowledged. */
export type Backlog = { queues: QueueBacklog[]; inLine: number; underWay: number; unreadEntries: number };
