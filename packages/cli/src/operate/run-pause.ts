import type { CliContext } from '../cli/context.ts';
import { exitCodes } from '../cli/exit-code.ts';
import { type AdminOptions, openAdmin } from './admin-client.ts';
import { instanceOrService, kindOf, type KindOptions } from './meant.ts';

export type PauseOptions = AdminOptions & KindOptions & { readonly reason?: string };

/** Takes a service down or closes an entrypoint. Resolves with the exit status. */
export async function runPause(name: string, options: PauseOptions, context: CliContext): Promise<number> {
  const client = await openAdmin(options, context);
  const target = await kindOf(client, name, options);
  const { reason } = options;
  await client.post('/v1/pause', { ...target, ...(reason === undefined ? {} : { reason }) });
  const [kind = ''] = Object.keys(target);
  context.terminal.out(`The ${kind} ${name} is paused: users are told that it is down for maintenance.\n`);
  return exitCodes.done;
}

export async function runResume(name: string, options: PauseOptions, context: CliContext): Promise<number> {
  const client = await openAdmin(options, context);
  const target = await kindOf(client, name, options);
  await client.post('/v1/resume', target);
  context.terminal.out(`The ${Object.keys(target)[0] ?? ''} ${name} may start again.\n`);
  return exitCodes.done;
}

/** Forgets a failure. */
export async function runClear(name: string, options: AdminOptions, context: CliContext): Promise<number> {
  const client = await openAdmin(options, context);
  const { cleared } = await client.post<{ cleared: string[] }>('/v1/clear', instanceOrService(name));
  context.terminal.out(cleared.length === 0 ? `Nothing of ${name} has failed.\n` : `Cleared: ${cleared.join(', ')}\n`);
  return exitCodes.done;
}
