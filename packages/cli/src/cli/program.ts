import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { devCommand } from '../command/dev.ts';
import type { CliContext } from './run-cli.ts';

/** Adds a command to the program. `done` takes its exit status. */
export type AddCommand = (program: Command, context: CliContext, done: (status: number) => void) => void;

const commands: readonly AddCommand[] = [devCommand];

/** The command line as it is parsed; throws `CommanderError` instead of ending the process. */
export function createProgram(context: CliContext, done: (status: number) => void): Command {
  const program = new Command('reveille')
    .description('Wakes the services behind a product when a user needs them, and tells that user the truth meanwhile.')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .showHelpAfterError('(--help says what there is)')
    .configureOutput({ writeOut: context.terminal.out, writeErr: context.terminal.err })
    .exitOverride()
    .addHelpText('after', exitStatusHelp);
  for (const add of commands) add(program, context, done);
  return program;
}

const exitStatusHelp = `
Exit status: 0 done, 1 failed, 2 wrong usage or configuration, 3 unreachable, 124 deadline, 130 interrupted.

Example:
  $ reveille dev --catalog reveille.yaml`;

function version(): string {
  const file = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
