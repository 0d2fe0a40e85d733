import type { Outcome } from '../table/refusal.ts';
import type { TableFormat } from '../table/read-records.ts';

/** How far a piece of work is, for those who wait for it: `percent` from 0 to 100, `detail` in words. */
export interface Progress {
  percent: number;
  detail: string;
}
export type Tell = (progress: Progress) => void;

/** For callers that nobody waits behind. */
export const silent: Tell = () => undefined;

/** A table as text. `key` names it among all that the workers of this process know, and holds what no session can guess of another. */
export interface TableText {
  key: string;
  content: string;
  format?: TableFormat | undefined;
  name?: string | undefined;
}

/** What a tool is to compute. `args` have passed its input schema. */
export interface Job {
  tool: string;
  args: Record<string, unknown>;
  table: TableText;
  /** The table to compare with, for the tools that take one. */
  baseline?: TableText | undefined;
}

export type Result = Outcome<Record<string, unknown>>;

/** To a worker. A table goes there only when the worker says that it has it no more, or not yet. */
export type Order =
  | { type: 'compute'; tool: string; args: Record<string, unknown>; table: string; baseline?: string }
  | { type: 'table'; table: TableText }
  | { type: 'forget'; prefix: string };

/** From a worker. `holds` are the keys of the tables that it has read. */
export type Said =
  | { type: 'send'; key: string }
  | { type: 'progress'; progress: Progress }
  | { type: 'done'; result: Result; holds: string[] }
  | { type: 'failed'; error: unknown; holds: string[] };
