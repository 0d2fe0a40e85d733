import path from 'node:path';
import { DriverError, type StartRequest } from '@reveille/orchestration';
import { readSecrets } from '../secrets.ts';
import { childEnvironment } from './environment.ts';
import { findCommand } from './find-command.ts';
import { createRender } from './render.ts';
import { checkWorkingDirectory } from './working-directory.ts';

/** Everything that the operating system needs to know to start a process. No shell sees any of it. */
export type LaunchPlan = {
  /** Absolute. */
  file: string;
  /** The command as written: programs may look at their own name. */
  argv0: string;
  args: string[];
  cwd: string;
  env: Record<string, string>;
  /** Texts in it that are secret, whatever their variables are called. */
  secrets: readonly string[];
};

export type LaunchSettings = { port: number | undefined; host: NodeJS.ProcessEnv; mark: string };

/** @throws DriverError `command_not_found`, `spawn_failed` (working directory), `driver_error` (a template without value). */
export async function planLaunch(request: StartRequest, settings: LaunchSettings): Promise<LaunchPlan> {
  const { port, host, mark } = settings;
  const start = processStartOf(request);
  const render = createRender(request, port);
  const secrets = readSecrets(request, host);
  const renderEnv = createRender(request, port, secrets);
  const [argv0 = '', ...args] = start.command.map(render);
  const rendered = Object.entries(start.env ?? {}).map(([name, value]) => [name, renderEnv(value)] as const);
  const env = childEnvironment({
    host,
    start,
    env: Object.fromEntries(rendered),
    given: request.environment,
    port,
    mark,
  });
  const cwd = path.resolve(request.catalogDir, render(start.cwd ?? '.'));
  const found = findCommand(argv0, { cwd, searchPath: env['PATH'] ?? '' });
  // Of both faults the folder comes first: a relative command is not there because of it.
  found.catch(() => undefined);
  await checkWorkingDirectory(cwd);
  return { file: await found, argv0, args, cwd, env, secrets: [...secrets.values()] };
}

export function processStartOf(request: StartRequest): NonNullable<StartRequest['spec']['start']['process']> {
  const start = request.spec.start.process;
  if (start === undefined)
    throw new DriverError('driver_error', `the service "${request.service}" is not started as a process`);
  return start;
}
