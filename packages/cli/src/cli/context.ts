import type { Terminal } from './terminal.ts';

/** What a command has of its surroundings. */
export interface CliContext {
  readonly terminal: Terminal;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
}
