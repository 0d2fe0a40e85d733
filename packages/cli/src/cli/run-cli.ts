import process from 'node:process';
import { CommanderError } from 'commander';
import type { CliContext } from './context.ts';
import { exitCodes } from './exit-code.ts';
import { createProgram } from './program.ts';
import { CliRefusal, refusalOf } from './refusal.ts';
import { endWithReader, processTerminal } from './terminal.ts';

/**
 * Runs one command line (without the program's own name) and resolves with the exit status. Expected refusals are printed in words;
 * only a broken invariant is thrown.
 */
export async function runCli(args: readonly string[]): Promise<number> {
  endWithReader();
  dropEmpty(process.env);
  const terminal = processTerminal();
  const context: CliContext = { terminal, env: process.env, cwd: process.cwd() };
  let status: number = exitCodes.done;
  const program = createProgram(context, (code) => {
    status = code;
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return status;
  } catch (error) {
    // It has printed its words already; help and version are no errors.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    const refusal = refusalOf(error);
    if (!(refusal instanceof CliRefusal)) throw error;
    terminal.err(`reveille: ${refusal.report}\n`);
    return refusal.exitCode;
  }
}

const optionVariables = [
  ...['REVEILLE_URL', 'REVEILLE_TOKEN', 'REVEILLE_CATALOG', 'PORT'],
  ...['REVEILLE_ADMIN_URL', 'REVEILLE_ADMIN_TOKEN'],
];

/** Empty variables count as unset, here as in every deployable; the parser of the command line would take them for values. */
function dropEmpty(env: NodeJS.ProcessEnv): void {
  for (const name of optionVariables) if (env[name] === '') delete env[name];
}
