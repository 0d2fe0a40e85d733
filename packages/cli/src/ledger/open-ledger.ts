import { checkRedis, connectBroker, redisAccessOf } from '@reveille/broker';
import { type Broker, BrokerUnavailable } from '@reveille/orchestration';
import type { CliContext } from '../cli/context.ts';
import { exitCodes } from '../cli/exit-code.ts';
import { CliRefusal } from '../cli/refusal.ts';
import { type DevPlace, findDev } from '../dev/find-dev.ts';

/** Where a command may find the ledger. */
export type LedgerOptions = DevPlace & { readonly redis?: string };

/** Which Redis a command is to read: the one given, that of REDIS_URL, or that of the `dev` beside the catalog. */
export type LedgerAddress = { url: string; namespace: string | undefined };

/** Undefined when nobody says where Redis is. */
export async function findLedger(
  options: LedgerOptions,
  { env, cwd }: Pick<CliContext, 'env' | 'cwd'>,
): Promise<LedgerAddress | undefined> {
  const namespace = env['REVEILLE_NAMESPACE'] || undefined;
  const given = options.redis ?? (env['REDIS_URL'] || undefined);
  if (given !== undefined) return { url: given, namespace };
  const run = await findDev(options, cwd);
  return run?.redisUrl === undefined ? undefined : { url: run.redisUrl, namespace: namespace ?? run.namespace };
}

/** The ports of the broker, to read from. @throws CliRefusal when there is no Redis, or it cannot be used */
export async function openLedger(options: LedgerOptions, context: CliContext): Promise<Broker> {
  const address = await findLedger(options, context);
  if (address === undefined) {
    throw new CliRefusal(
      'no Redis to read from: REDIS_URL is not set, and no `reveille dev` was found.\n' +
        'Start one, or say where it is: --catalog FILE (of a running dev), or --redis redis://host:6379',
    );
  }
  const credentials = redisAccessOf(context.env, address.url);
  const faults = await checkRedis(address.url, credentials);
  if (faults.length > 0) {
    const isAway = faults.some(({ code }) => code === 'absent');
    const words = faults.map(({ message }) => message).join('\n');
    throw new CliRefusal(words, isAway ? exitCodes.unreachable : exitCodes.usage);
  }
  try {
    return await connectBroker({ ...address, ...credentials, owner: 'reveille-cli' });
  } catch (error) {
    if (error instanceof BrokerUnavailable)
      throw new CliRefusal(error.message, exitCodes.unreachable, { cause: error });
    throw error;
  }
}
