import { Command } from 'commander';
import { connectCommand } from '../command/connect.ts';
import { devCommand } from '../command/dev.ts';
import { doctorCommand } from '../command/doctor.ts';
import { explainCommand } from '../command/explain.ts';
import { clearCommand, pauseCommand, restartCommand, startCommand, stopCommand } from '../command/operate.ts';
import { statusCommand } from '../command/status.ts';
import { validateCommand } from '../command/validate.ts';
import { watchCommand } from '../command/watch.ts';
import type { AddCommand } from './add-command.ts';
import type { CliContext } from './context.ts';
import { cliVersion } from './version.ts';

const commands: readonly AddCommand[] = [
  devCommand,
  connectCommand,
  validateCommand,
  statusCommand,
  watchCommand,
  explainCommand,
  startCommand,
  stopCommand,
  restartCommand,
  pauseCommand,
  clearCommand,
  doctorCommand,
];

/** The command line as it is parsed; throws `CommanderError` instead of ending the process. */
export function createProgram(context: CliContext, done: (status: number) => void): Command {
  const program = new Command('reveille')
    .description('Wakes the services behind a product when a user needs them, and tells that user the truth meanwhile.')
    .version(cliVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .showHelpAfterError('Try --help.')
    .configureOutput({
      writeOut: context.terminal.out,
      writeErr: context.terminal.err,
      outputError: (words, write) => write(words.replace(/^error: /, 'reveille: ')),
    })
    .exitOverride()
    .addHelpText('after', exitStatusHelp);
  for (const add of commands) add(program, context, done);
  return program;
}

const exitStatusHelp = `
Exit status: 0 done, 1 failed, 2 wrong usage or configuration, 3 unreachable, 124 deadline, 130 interrupted.

Example:
  $ reveille dev --catalog reveille.yaml
  $ reveille connect chat --send "Hello"`;
