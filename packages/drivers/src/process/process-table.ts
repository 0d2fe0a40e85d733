import type { Mark } from './mark.ts';

/** A process that runs. Zombies are not in the table: nothing of them is left but an exit status that nobody has read. */
export type ProcessEntry = {
  pid: number;
  group: number;
  /** Tells a process from a later one with the same pid, and older from younger. In whatever unit the system counts. */
  startedAt: number;
};

/** One that carries a mark in the environment it was started with. */
export type MarkedProcess = ProcessEntry & {
  mark: Mark;
  /** The mark as it stands in the environment. */
  markText: string;
  /** `PORT` of the same environment. */
  port: number | undefined;
};

/** What the operating system says about processes. Those of other users, whose environment cannot be read, are not ours. */
export interface ProcessTable {
  /** Every process whose mark begins with `prefix`. */
  marked(prefix: string): Promise<MarkedProcess[]>;
  /** Pids of a process group. */
  members(group: number): Promise<number[]>;
  find(pid: number): Promise<ProcessEntry | undefined>;
}
