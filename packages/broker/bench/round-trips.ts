import { connectBroker } from '@reveille/broker';
import { launchRedis } from '@reveille/broker/server';
import { globalScopeKey, instanceKeyOf, type LedgerRecord, type ServiceName } from '@reveille/contracts';
import { mint } from '@reveille/orchestration';

/** Prints what the calls on a user's path cost on this machine. No limits: for comparing, not for passing. */
const rounds = 2000;
const plan = ['llm', 'data', 'tools', 'agent'].map((name) => instanceKeyOf(name as ServiceName, globalScopeKey));
const [agent = plan[0]] = plan.slice(3);
if (agent === undefined) throw new Error('the plan is empty');

await using server = await launchRedis();
await using broker = await connectBroker({ url: server.url });

await measure('ledger.want, 4 instances, renewal', () => broker.ledger.want('e1', plan, 10_000));
await measure('ledger.read, 4 instances', () => broker.ledger.read(plan));
await measure('ledger.want, 1 instance, new edge', (round) => broker.ledger.want(`n${round}`, [agent], 1));

let [token, nowUs] = [0, 0];
for (const reading of await broker.ledger.read([agent])) ({ token, nowUs } = reading);
await measure('ledger.commit', async () => {
  const revision = mint(token, nowUs);
  const result = await broker.ledger.commit({
    expected: token,
    change: 'progress',
    record: record(revision),
    attendInMs: 1000,
  });
  if (!result.committed) throw new Error('a commit conflicted');
  ({ token } = result);
});

let handled = Promise.withResolvers<void>();
await using _jobs = await broker.wakeUps.consume(
  { reconcile: async () => handled.resolve(), start: async () => handled.resolve() },
  { reconcileConcurrency: 10, startConcurrency: 10 },
);
const reason = 'wanted';
await measure('wakeUps.reconcile → handler', async () => {
  handled = Promise.withResolvers();
  const service = 'agent' as ServiceName;
  await broker.wakeUps.reconcile([
    { version: 1, kind: 'reconcile', instance: agent, service, scope: { kind: 'global' }, reason },
  ]);
  await handled.promise;
});
await measure('wakeUps.start → handler', async (round) => {
  handled = Promise.withResolvers();
  await broker.wakeUps.start({ version: 1, kind: 'start', instance: agent, generation: round + 1, attempt: 1 });
  await handled.promise;
});

let heard = Promise.withResolvers<void>();
await using _edge = await broker.router.subscribe('e1', { onEntry: () => heard.resolve(), onGap: () => undefined });
await using _journal = await broker.journal.consume('r1', async (entries) => {
  await broker.router.publish(
    'e1',
    entries.slice(-1).map(({ entry }) => entry),
  );
});
await heard.promise;
await measure('commit → journal → relay → edge', async () => {
  heard = Promise.withResolvers();
  const revision = token + 1;
  await broker.ledger.commit({ expected: token, change: 'progress', record: record(revision) });
  token = revision;
  await heard.promise;
});

async function measure(what: string, call: (round: number) => Promise<unknown>): Promise<void> {
  for (let round = 0; round < 100; round += 1) await call(rounds + round);
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const started = performance.now();
    await call(round);
    times.push(performance.now() - started);
  }
  times.sort((a, b) => a - b);
  const at = (share: number): string => `${(times[Math.floor(times.length * share)] ?? 0).toFixed(2)} ms`;
  console.log(`${what.padEnd(36)} p50 ${at(0.5)}  p99 ${at(0.99)}`);
}

function record(revision: number): LedgerRecord {
  return {
    ...{
      version: 1,
      instance: agent as (typeof plan)[number],
      service: 'agent' as ServiceName,
      scope: { kind: 'global' },
    },
    ...{
      scopeKey: globalScopeKey,
      catalog: 'digest',
      revision,
      state: 'starting',
      generation: 1,
      attempt: 1,
      epoch: 1,
    },
    ...{ dependencies: [], dependents: [], timings: {} },
  };
}
