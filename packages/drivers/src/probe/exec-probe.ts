import { spawn } from 'node:child_process';
import { findCommand } from '../process/find-command.ts';
import type { CommandContext } from '../process/command-context.ts';
import { signalGroup } from '../process/signal-group.ts';
import { type Look, noAnswer, not, ok } from './look.ts';

/** One run of a command, in a process group of its own, killed with all that it started when the look is over. */
export async function lookByExec(
  command: readonly string[],
  context: CommandContext,
  options: { timeoutMs: number; signal: AbortSignal },
): Promise<Look> {
  const [name = '', ...args] = command.map(context.render);
  const { cwd, env } = context;
  const file = await findCommand(name, { cwd, searchPath: env['PATH'] ?? '' }).catch((error: Error) => error);
  if (file instanceof Error) return not(file.message);
  const timeout = AbortSignal.timeout(options.timeoutMs);
  const signal = AbortSignal.any([timeout, options.signal]);
  if (signal.aborted) return noAnswer(options.timeoutMs);
  return new Promise((resolve) => {
    const child = spawn(file, args, { argv0: name, cwd, env, detached: true, shell: false, stdio: 'ignore' });
    const kill = (): void => {
      if (child.pid !== undefined) signalGroup(child.pid, 'SIGKILL');
    };
    signal.addEventListener('abort', kill, { once: true });
    child.once('error', (error) => {
      signal.removeEventListener('abort', kill);
      resolve(not(`the probe command cannot be run: ${error.message}`));
    });
    child.once('exit', (code, by) => {
      signal.removeEventListener('abort', kill);
      kill();
      if (timeout.aborted) resolve(noAnswer(options.timeoutMs));
      else resolve(code === 0 ? ok : not(`the probe command ended with ${code === null ? by : `exit code ${code}`}`));
    });
  });
}
