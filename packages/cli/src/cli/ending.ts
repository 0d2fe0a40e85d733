import type { ExitCode } from './exit-code.ts';

/** How a command that waits comes to its end: its exit status, and words for standard error where there is something to say. */
export type Ending = { code: ExitCode; words?: string };
