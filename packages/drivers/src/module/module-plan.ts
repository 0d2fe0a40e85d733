import { stat } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { DriverError, type StartRequest } from '@reveille/orchestration';
import { childEnvironment } from '../process/environment.ts';
import type { LaunchPlan, LaunchSettings } from '../process/launch-plan.ts';
import { createRender } from '../process/render.ts';
import { readSecrets } from '../secrets.ts';

/**
 * Plain JavaScript, which Node runs as it is: stripping the types of a single file costs as much again as the whole start of a
 * process, also for a module that has none.
 */
const hostFile = fileURLToPath(new URL('module-host.mjs', import.meta.url));

/** The function of a module that is called when the catalog names none. */
const DEFAULT_EXPORT = 'initialize';

/**
 * A process of the same Node as this one that calls the module, in the folder of the catalog.
 * @throws DriverError `command_not_found` for a module that is not there, `driver_error` for a template without value.
 */
export async function planModule(request: StartRequest, settings: LaunchSettings): Promise<LaunchPlan> {
  const { port, host, mark } = settings;
  const start = request.spec.start.module;
  if (start === undefined)
    throw new DriverError('driver_error', `the service "${request.service}" is not started as a module`);
  const secrets = readSecrets(request, host);
  const render = createRender(request, port, secrets);
  const rendered = Object.entries(start.env ?? {}).map(([name, value]) => [name, render(value)] as const);
  const given = request.environment;
  const env = childEnvironment({ host, start, env: Object.fromEntries(rendered), given, port, mark });
  const file = path.resolve(request.catalogDir, start.path);
  await checkModule(start.path, file);
  const whenReady = request.spec.ready.reported === true ? 'report' : 'silent';
  const args = [hostFile, file, start.export ?? DEFAULT_EXPORT, whenReady];
  return { file: process.execPath, argv0: 'node', args, cwd: request.catalogDir, env, secrets: [...secrets.values()] };
}

async function checkModule(written: string, file: string): Promise<void> {
  const found = await stat(file).catch((error: NodeJS.ErrnoException) => error);
  if (found instanceof Error) {
    const why = found.code === 'ENOENT' ? `there is no file ${file}` : `${file} cannot be looked at (${found.code})`;
    throw new DriverError('command_not_found', `the module "${written}" cannot be run: ${why}`, { cause: found });
  }
  if (!found.isFile())
    throw new DriverError('command_not_found', `the module "${written}" cannot be run: ${file} is no file`);
}
