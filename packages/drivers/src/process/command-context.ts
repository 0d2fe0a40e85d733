import path from 'node:path';
import process from 'node:process';
import type { ProcessStart } from '@reveille/contracts';
import type { StartRequest } from '@reveille/orchestration';
import { readSecrets } from '../secrets.ts';
import { childEnvironment } from './environment.ts';
import { createRender, type Render } from './render.ts';

/** Where a command of a service runs that is not the service itself: an exec probe. */
export type CommandContext = {
  cwd: string;
  env: Readonly<Record<string, string>>;
  /** Fills in the variables of an argument. @throws DriverError when one has no value. */
  render: Render;
};

/** The surroundings of the service: its folder, its environment without the mark, its variables. `port`: once it is known. */
export function commandContextOf(
  request: StartRequest,
  options: { port: number | undefined; env?: NodeJS.ProcessEnv },
): CommandContext {
  const { port } = options;
  const { process: ofProcess, module: ofModule } = request.spec.start;
  const start: Pick<ProcessStart, 'env' | 'passEnv'> = ofProcess ?? ofModule ?? {};
  const render = createRender(request, port);
  const host = options.env ?? process.env;
  const renderEnv = createRender(request, port, readSecrets(request, host));
  const rendered = Object.entries(start.env ?? {}).map(([name, value]) => [name, renderEnv(value)] as const);
  return {
    cwd: path.resolve(request.catalogDir, render(ofProcess?.cwd ?? '.')),
    env: childEnvironment({
      host,
      start,
      env: Object.fromEntries(rendered),
      given: request.environment,
      port,
    }),
    render,
  };
}
