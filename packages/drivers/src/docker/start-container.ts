import { DriverError, type DriverContext, type StartRequest } from '@reveille/orchestration';
import type { Container, Containers } from './containers.ts';
import type { ContainerPlan } from './container-plan.ts';
import { type Engine, EngineRefusal } from './engine.ts';
import { provideImage } from './image.ts';

/** How often a name is tried that a container which has ended still holds. */
const TRIES = 5;

/**
 * A container of this name that runs: the one that is there, or a new one. What ended under this name is removed first.
 * @throws DriverError in the words of whoever can mend it.
 */
export async function startContainer(of: {
  engine: Engine;
  containers: Containers;
  request: StartRequest;
  plan: ContainerPlan;
  context: DriverContext;
}): Promise<Container> {
  const { engine, containers, request, plan, context } = of;
  const { name } = request;
  const { signal, progress } = context;
  for (let tried = 1; ; tried++) {
    const there = await containers.find(name, signal);
    if (there !== undefined && !containers.isOurs(there, name))
      throw new DriverError(
        'driver_error',
        `a container named ${containers.nameOf(name)} is there that is not of this deployment`,
      );
    if (there?.State.Running) return there;
    if (there !== undefined && there.State.Status !== 'created') await containers.remove(there.Id, signal);
    try {
      if (there?.State.Status !== 'created') {
        await provideImage(engine, plan, context);
        progress({ phase: 'starting', detail: `creating a container of ${plan.image}` });
        await create(of);
      }
      // Also of one that an initializer made which died in the middle of this.
      await connect(of, Object.keys(there?.State.Status === 'created' ? (there.NetworkSettings.Networks ?? {}) : {}));
      await engine.call({
        method: 'POST',
        path: `/containers/${containers.nameOf(name)}/start`,
        signal,
        timeoutMs: 120_000,
      });
    } catch (error) {
      // Another initializer made it, or removed it, in this very moment.
      const isRace =
        error instanceof EngineRefusal && /is already in use|No such container|removal/i.test(error.message);
      if (isRace && tried < TRIES) continue;
      if (!isRace) await forget(of, error);
      throw startFailure(error, request, plan);
    }
    const container = await containers.find(name, signal);
    if (container === undefined) throw new DriverError('spawn_failed', `${name} was removed right after its start`);
    progress({ phase: 'starting', detail: `container ${container.Id.slice(0, 12)} started` });
    return container;
  }
}

async function create({
  engine,
  containers,
  request,
  plan,
  context,
}: Parameters<typeof startContainer>[0]): Promise<void> {
  const { signal } = context;
  const name = containers.nameOf(request.name);
  await engine.call({
    method: 'POST',
    path: '/containers/create',
    query: { name },
    body: plan.body,
    signal,
    timeoutMs: 120_000,
  });
}

/** The first of its networks is part of its creation. */
async function connect(
  { engine, containers, request, plan, context }: Parameters<typeof startContainer>[0],
  connected: readonly string[],
): Promise<void> {
  for (const network of plan.networks.slice(1).filter((one) => !connected.includes(one)))
    await engine.call({
      method: 'POST',
      path: `/networks/${encodeURIComponent(network)}/connect`,
      body: { Container: containers.nameOf(request.name) },
      signal: context.signal,
    });
}

/** What was created and could not be started stays behind otherwise. */
async function forget({ containers, request }: Parameters<typeof startContainer>[0], why: unknown): Promise<void> {
  if (!(why instanceof EngineRefusal)) return;
  const signal = AbortSignal.timeout(5000);
  const left = await containers.find(request.name, signal).catch(() => undefined);
  if (left !== undefined && containers.isOurs(left, request.name) && !left.State.Running)
    await containers.remove(left.Id, signal).catch(() => undefined);
}

/** The Engine has no codes of its own for these, only words. */
function startFailure(error: unknown, request: StartRequest, plan: ContainerPlan): unknown {
  if (!(error instanceof EngineRefusal)) return error;
  const words = error.message;
  const fail = (code: DriverError['code'], what: string): DriverError =>
    new DriverError(code, `${what}: ${words}`, { cause: error });
  if (/no such image/i.test(words)) return fail('image_pull_failed', `the image ${plan.image} is gone`);
  if (
    /executable file not found|no such file or directory.*unknown|exec format|permission denied.*unknown/i.test(words)
  )
    return fail('command_not_found', `the command of ${request.service} cannot be run in ${plan.image}`);
  if (/port is already allocated|address already in use/i.test(words))
    return fail('port_in_use', `${portWords(request)} is taken`);
  return fail('spawn_failed', `the Docker Engine did not start ${request.service}`);
}

function portWords({ service, spec }: StartRequest): string {
  const { publish } = spec.start.docker ?? {};
  return typeof publish === 'number'
    ? `port ${publish} of the Engine's host, for ${service},`
    : `the port of ${service}`;
}
