import type { PlanView } from '@reveille/admin';
import type { CliContext } from '../cli/context.ts';
import type { Ending } from '../cli/ending.ts';
import { exitCodes } from '../cli/exit-code.ts';
import { type AdminOptions, openAdmin } from './admin-client.ts';
import { follow, type Followed } from './follow.ts';
import { kindOf, type KindOptions } from './meant.ts';

export type StartOptions = AdminOptions &
  KindOptions & {
    readonly user: string;
    readonly tenant: string;
    readonly timeout?: number;
    readonly wait: boolean;
    readonly json: boolean;
  };

/** Starts what an entrypoint or service needs and waits until it is ready. Resolves with the exit status. */
export async function runStart(name: string, options: StartOptions, context: CliContext): Promise<number> {
  const { terminal } = context;
  const client = await openAdmin(options, context);
  const { user, tenant } = options;
  const asked = { ...(await kindOf(client, name, options, 'entrypoint')), user, tenant };
  let plan = await client.post<PlanView>('/v1/start', asked);
  const before = new Map(plan.instances.map(({ instance, generation, state }) => [instance, { generation, state }]));
  const look = async (): Promise<Followed[]> => {
    plan = await client.get<PlanView>('/v1/plan', asked);
    return plan.instances;
  };
  // A failure from before is not the end of this start.
  const isOver = ({ instance, state, generation }: PlanView['instances'][number]): boolean =>
    state === 'failed' && (before.get(instance)?.state !== 'failed' || before.get(instance)?.generation !== generation);
  const verdict = (): Ending | undefined => {
    if (plan.ready) return { code: exitCodes.done };
    const failed = plan.instances.find(isOver);
    return failed && { code: exitCodes.failed, words: `${name} is not ready: ${failed.name} failed.` };
  };
  const ending = options.wait
    ? await follow({ look, verdict, timeoutMs: options.timeout, terminal })
    : { code: exitCodes.done, words: `${name} is being started.` };
  if (ending.words !== undefined) terminal.err(`reveille: ${ending.words}\n`);
  if (options.json) terminal.out(`${JSON.stringify(plan, undefined, 2)}\n`);
  else if (ending.code === exitCodes.done && options.wait) terminal.out(`${name} is ready.\n`);
  return ending.code;
}
