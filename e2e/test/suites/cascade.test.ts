import { expect, test } from 'vitest';
import { assistantCatalog, startAssistant } from '../../src/assistant/assistant.ts';
import { type AssistantCatalog, assistantServices, type AssistantService } from '../../src/assistant/catalog.ts';
import { type Fault, setFaults } from '../../src/assistant/faults.ts';
import { historyIn } from '../../src/assistant/history.ts';
import { resultOf, User } from '../../src/assistant/user.ts';
import type { Cluster } from '../../src/cluster.ts';
import { markedProcesses } from '../../src/marked-processes.ts';
import { type Random, seeded } from '../../src/seed.ts';
import { generatedTable } from '../../src/usage-table.ts';

const waiters = 6;

/** Failures are forgotten within seconds, and not within the minutes of the catalog. */
function impatient(attempts: number, slow: readonly AssistantService[] = []): (catalog: AssistantCatalog) => void {
  const retry = { attempts, backoffMs: 20, maxBackoffMs: 50 };
  return ({ services }) => {
    for (const name of assistantServices)
      Object.assign(services[name], { cooldownMs: 500, retry, stop: { graceMs: 2_000 } });
    // Healthy starts keep the deadlines of the catalog: a busy machine must not look like a fault.
    for (const name of slow) services[name].deadlineMs = 6_000;
  };
}

type Step = {
  says: string;
  faults: Partial<Record<AssistantService, Fault>>;
  service: AssistantService;
  codes: string[];
};
const late = ['start_timeout', 'probe_timeout'];
/** Each mends what was the cause before it. A service is healthy for the first time after it has failed. */
const steps: Step[] = [
  {
    says: 'one exits while another hangs',
    faults: { tool_classes: 'exits', thread_service: 'hangs' },
    service: 'tool_classes',
    codes: ['exited_early'],
  },
  { says: 'one hangs', faults: { thread_service: 'hangs' }, service: 'thread_service', codes: late },
  { says: 'one is never ready', faults: { agent_supervisor: 'never ready' }, service: 'agent_supervisor', codes: late },
  {
    says: 'the last one exits',
    faults: { agent_websocket_bridge: 'exits' },
    service: 'agent_websocket_bridge',
    codes: ['exited_early'],
  },
];

test(
  'services fail one after the other: at each step every waiter is told a true cause, once, and in the end all works',
  { timeout: 300_000 },
  async () => {
    let namespace = '';
    {
      const catalogOf = ({ faults }: Pick<Step, 'faults'>) =>
        impatient(1, Object.keys(faults).filter((name) => faults[name as AssistantService] !== 'exits') as never);
      await using cluster = await startAssistant({ size: { edge: 2 }, change: catalogOf(steps[0] ?? { faults: {} }) });
      ({ namespace } = cluster);
      setFaults(cluster.dir, steps[0]?.faults ?? {});
      const users = await connectAll(cluster);
      for (const [at, { says, faults, service, codes }] of steps.entries()) {
        const before = users.map((user) => user.terminal().length);
        if (at > 0) {
          await cluster.replaceCatalog(await assistantCatalog(cluster.dir, catalogOf({ faults })));
          setFaults(cluster.dir, faults);
          await Promise.all(users.map((user) => retry(user)));
        }
        await Promise.all(users.map((user) => user.client.ready().catch(() => undefined)));
        for (const [index, user] of users.entries()) {
          const told = user.terminal().slice(before[index]);
          expect(told, says).toHaveLength(1);
          expect(told[0], says).toMatchObject({ type: 'initialization_failed', retryable: true });
          const { failure } = user.of('initialization_failed').at(-1) ?? {};
          expect(failure?.service, says).toBe(service);
          expect(codes, says).toContain(failure?.code);
        }
      }
      await cluster.replaceCatalog(await assistantCatalog(cluster.dir, catalogOf({ faults: {} })));
      setFaults(cluster.dir, {});
      await Promise.all(users.map((user) => retry(user)));
      await expectAnswers(users);
      for (const user of users) {
        expectOneEndEach(user);
        expect(user.terminal()).toHaveLength(steps.length + 1);
      }
    }
    await expectNothingRuns(namespace);
  },
);

test(
  'services killed at random while they start: every waiter is told once how each start ended, and in the end all works',
  { timeout: 300_000 },
  async () => {
    const random = seeded();
    let namespace = '';
    {
      await using cluster = await startAssistant({ size: { edge: 2, initializer: 2 }, change: impatient(2) });
      ({ namespace } = cluster);
      const killer = startKiller(cluster, random);
      const users = await connectAll(cluster);
      // Whoever is told of a failure tries again, until the killer has had enough.
      await Promise.all(
        users.map((user) => expect.poll(() => (user.client.retry(), user.client.state), patient).toBe('ready')),
      );
      killer.stop();
      // A kill that came last of all may be noticed only now.
      await expectAnswers(users);
      expect(killer.killed.length).toBeGreaterThan(0);
      for (const user of users) {
        expectOneEndEach(user);
        for (const { failure } of user.of('initialization_failed'))
          expect(killer.killed, JSON.stringify(failure)).toContain(failure.service);
      }
    }
    await expectNothingRuns(namespace);
  },
);

const patient = { timeout: 200_000, interval: 100 };

function connectAll(cluster: Cluster): Promise<User[]> {
  return Promise.all(Array.from({ length: waiters }, (_, at) => User.at(cluster, `user-${at}`, { edge: at % 2 })));
}

/** Tries again as soon as that is allowed: until a new initialization is announced, or everything is ready at once. */
async function retry(user: User): Promise<void> {
  const from = user.frames.length;
  const taken = () =>
    user.frames
      .slice(from)
      .some(({ type }) => type === 'initialization_started' || type === 'initialization_completed');
  await expect.poll(() => (taken() || user.client.retry(), taken()), patient).toBe(true);
}

async function expectAnswers(users: User[]): Promise<void> {
  const table = generatedTable(seeded(), { rows: 40 });
  for (const user of users) {
    await expect.poll(() => (user.client.retry(), user.client.state), patient).toBe('ready');
    const events = await user.ask({ text: 'Where do the tokens go?', files: [table.file] });
    expect(resultOf(events).analysis_results.totals).toEqual(table.totals);
  }
}

/** Each initialization that a user was told of ended, and none twice. */
function expectOneEndEach(user: User): void {
  const begun = user.of('initialization_started').map((frame) => frame.initialization);
  const ended = user.terminal().flatMap(({ initialization }) => (initialization === undefined ? [] : [initialization]));
  expect(ended).toEqual([...new Set(ended)]);
  for (const one of begun) expect(ended).toContain(one);
}

async function expectNothingRuns(namespace: string): Promise<void> {
  // The kernel may still be taking them down.
  await expect.poll(() => markedProcesses(namespace), { timeout: 30_000 }).toEqual([]);
}

/** Kills the first start and about half of the others, at once, up to a number of times. */
function startKiller(cluster: Cluster, random: Random): { killed: string[]; stop: () => void } {
  const most = 6;
  const killed: string[] = [];
  const seen = new Set<number>();
  const look = setInterval(() => {
    for (const { did, pid, service } of historyIn(cluster.dir)) {
      if (did !== 'start' || seen.has(pid)) continue;
      seen.add(pid);
      // Chance alone would spare all four services once in sixteen runs.
      const spared = killed.length > 0 && random.whole(0, 1) === 0;
      if (spared || killed.length >= most || !markedProcesses(cluster.namespace).includes(pid)) continue;
      process.kill(pid, 'SIGKILL');
      killed.push(service);
    }
  }, 20);
  return { killed, stop: () => clearInterval(look) };
}
