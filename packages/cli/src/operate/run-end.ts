import type { InstanceView } from '@reveille/admin';
import type { CliContext } from '../cli/context.ts';
import type { Ending } from '../cli/ending.ts';
import { exitCodes } from '../cli/exit-code.ts';
import { type AdminClient, type AdminOptions, openAdmin } from './admin-client.ts';
import { follow, type Followed } from './follow.ts';
import { instanceOrService } from './meant.ts';

export type EndOptions = AdminOptions & {
  readonly force?: boolean;
  readonly timeout?: number;
  readonly wait: boolean;
  readonly json: boolean;
};

type Ended = { instances: { instance: string; generation: number; outcome: 'asked' | 'not_running' }[] };

/** Stops or restarts an instance or all of a service, and waits until that is done. Resolves with the exit status. */
export async function runEnd(
  action: 'stop' | 'restart',
  name: string,
  options: EndOptions,
  context: CliContext,
): Promise<number> {
  const { terminal } = context;
  const client = await openAdmin(options, context);
  const body = { ...instanceOrService(name), ...(options.force ? { force: true } : {}) };
  const { instances } = await client.post<Ended>(`/v1/${action}`, body);
  const awaited = action === 'restart' ? instances : instances.filter(({ outcome }) => outcome === 'asked');
  if (awaited.length === 0) {
    terminal.out(options.json ? '[]\n' : `Nothing of ${name} is running.\n`);
    return exitCodes.done;
  }
  const generations = new Map(awaited.map(({ instance, generation }) => [instance, generation]));
  let last: readonly Followed[] = [];
  const look = async (): Promise<readonly Followed[]> => (last = await lookAt(client, [...generations.keys()]));
  const isDone = action === 'stop' ? hasEnded : isReadyAgain;
  const verdict = (looked: readonly Followed[]): Ending | undefined => {
    const failed = looked.find(
      ({ name: one, state, generation }) => state === 'failed' && generation > (generations.get(one) ?? 0),
    );
    if (action === 'restart' && failed !== undefined)
      return { code: exitCodes.failed, words: `${failed.name} did not start again.` };
    return looked.every((one) => isDone(one, generations.get(one.name) ?? 0)) ? { code: exitCodes.done } : undefined;
  };
  const ending = options.wait
    ? await follow({ look, verdict, timeoutMs: options.timeout, terminal })
    : { code: exitCodes.done, words: `${awaited.length} asked.` };
  if (ending.words !== undefined) terminal.err(`reveille: ${ending.words}\n`);
  if (options.json)
    terminal.out(
      `${JSON.stringify(
        last.map(({ record }) => record),
        undefined,
        2,
      )}\n`,
    );
  else if (ending.code === exitCodes.done && options.wait)
    terminal.out(`${name} ${action === 'stop' ? 'is stopped' : 'runs anew'} (${awaited.length}).\n`);
  return ending.code;
}

function hasEnded({ state, generation }: Followed, was: number): boolean {
  return generation > was || state === 'cold' || state === 'failed';
}

function isReadyAgain({ state, generation }: Followed, was: number): boolean {
  return generation > was && state === 'ready';
}

async function lookAt(client: AdminClient, instances: readonly string[]): Promise<Followed[]> {
  const views = await Promise.all(
    instances.map((instance) => client.get<InstanceView>(`/v1/instances/${encodeURIComponent(instance)}`)),
  );
  return views.map((record) => ({ ...record, name: record.instance, record }));
}
