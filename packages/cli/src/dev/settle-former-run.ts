import { connectBroker } from '@reveille/broker';
import type { InstanceState } from '@reveille/contracts';
import { sleep } from '@reveille/lifecycle';
import { type Ledger, timing } from '@reveille/orchestration';
import { readAll } from '../ledger/read-all.ts';

/** States in which a record claims that something runs. */
const running: ReadonlySet<InstanceState> = new Set(['starting', 'ready', 'stopping', 'lost']);
/** The watch of a dead initializer runs out with its lease; the sweep then finds what died with it. Twice that, for slow machines. */
const settleMs = timing.leaseTtlMs.value * 2;
const lookEveryMs = 200;

/**
 * After a run that was killed, the ledger still calls its services ready although they died with it. Waits until the initializer of this
 * run has found that out, so that nobody's service is started on the word of a dead one.
 * @returns instances that are still claimed by the former run when the wait is over: none, unless something is wrong
 */
export async function settleFormerRun(of: {
  redisUrl: string;
  namespace: string;
  /** The initializer of this run. */
  owner: string;
  signal: AbortSignal;
}): Promise<string[]> {
  await using broker = await connectBroker({ url: of.redisUrl, namespace: of.namespace, owner: 'reveille-dev' });
  const giveUpAt = performance.now() + settleMs;
  for (;;) {
    const claimed = await claimedByOthers(broker.ledger, of.owner);
    if (claimed.length === 0 || performance.now() > giveUpAt) return claimed;
    await sleep(lookEveryMs, of.signal);
  }
}

/** Only of services that cannot outlive their initializer: a container may well run on. */
async function claimedByOthers(ledger: Ledger, owner: string): Promise<string[]> {
  const readings = await readAll(ledger);
  return readings.flatMap(({ record }) =>
    record?.host !== undefined && running.has(record.state) && record.owner !== owner ? [record.instance] : [],
  );
}
