import type { Command } from 'commander';
import type { CliContext } from './context.ts';

/** Adds a command to the program. `done` takes its exit status. */
export type AddCommand = (program: Command, context: CliContext, done: (status: number) => void) => void;
