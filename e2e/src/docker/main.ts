/**
 * `npm run test:docker`: images, the docker driver and the compose file on a real Engine. Images are looked at (size, user, health check,
 * labels, components, nothing that only building needs), the driver goes through its suite. Then two users ask through the balancer, one question after another, while each
 * container is killed in turn. Prints what became of every question; a lost one or a wrong answer is exit status 1, and so is a question
 * that failed while the killed container was one of Reveille itself (the failure of a service may fail what it was working on, and says so).
 *
 * Needs an Engine (DOCKER_HOST) that has or can pull the base images, and Compose. `--no-build`: with the images that are there.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { seeded } from '../seed.ts';
import { generatedTable } from '../usage-table.ts';
import { AskingUser, none, type Count } from './asking-user.ts';
import { inspectImage } from './image-faults.ts';
import {
  buildImages,
  compose,
  containerOf,
  docker,
  images,
  othersDeployment,
  parts,
  removeAll,
  services,
} from './compose.ts';

const listen = process.env['REVEILLE_LISTEN'] ?? '127.0.0.1:8080';
/** When a question counts as lost: far above what the slowest machine needs to start everything anew. */
const longestMs = 300_000;
/** Of these there is one: the test starts it again at once, as the Engine does after a crash. The others have a second one that goes on. */
const single = ['redis', 'balancer'];

const others = othersDeployment();
if (others.length > 0) {
  console.error(`test:docker: Reveille is deployed here, and would be removed: ${others.join(', ')}`);
  process.exit(2);
}
for (const [signal, status] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)
  process.once(signal, () => {
    removeAll();
    process.exit(status);
  });
if (!process.argv.includes('--no-build')) timed('images built', buildImages);
const inspected = images.map(inspectImage);
for (const { about } of inspected) console.log(`image   ${about}`);
const imageFaults = inspected.flatMap(({ faults }) => faults);
for (const fault of imageFaults) console.log(`FAILED  ${fault}`);
const conforms = driverConforms();
removeAll();
let passed = imageFaults.length === 0 && conforms;
try {
  timed('docker compose up', () => compose('up', '-d', '--no-build'));
  await untilServed();
  using users = new DisposableStack();
  const asking = ['alice', 'bob'].map((name) => {
    const token = compose('run', '--rm', 'token', name, 'acme');
    return users.use(new AskingUser({ url: `ws://${listen}`, name, token, longestMs, ...tableOf() }));
  });
  const first = performance.now();
  const all = asking.map((user) => user.askUntilStopped());
  await Promise.all(asking.map((user) => user.untilAnswered(0)));
  line('the first answer, from nothing running', first, total(asking));
  for (const what of [...parts, ...services]) await kill(what, asking);
  for (const user of asking) user.stop();
  await Promise.all(all);
  const sum = total(asking);
  console.log(`in all  ${said(sum)}`);
  for (const { name, failures } of asking) for (const failure of failures) console.log(`        ${name}: ${failure}`);
  if (sum.lost + sum.wrong > 0) passed = false;
} catch (error) {
  passed = false;
  console.log(`FAILED  ${(error as Error).message}`);
  console.log(compose('logs', '--tail=20'));
} finally {
  removeAll();
}
console.log(passed ? 'passed: nothing lost, nothing wrong' : 'NOT passed');
if (!passed) process.exitCode = 1;

/** The suite of the docker driver, on this Engine. */
function driverConforms(): boolean {
  const env = { ...process.env, REVEILLE_TEST_DOCKER_IMAGE: 'reveille/assistant' };
  const vitest = join(import.meta.dirname, '../../../node_modules/vitest/vitest.mjs');
  const args = [vitest, 'run', 'packages/drivers/test/docker'];
  return (
    spawnSync(process.execPath, args, { cwd: join(import.meta.dirname, '../../..'), env, stdio: 'inherit' }).status ===
    0
  );
}

/** Kills it while both wait for an answer, and waits until both have got one that they asked for later. */
async function kill(what: string, asking: readonly AskingUser[]): Promise<void> {
  const before = total(asking);
  const container = containerOf(what);
  if (container === undefined || container === '') throw new Error(`no container of ${what} runs`);
  const since = performance.now();
  docker('kill', container);
  if (single.includes(what)) docker('start', container);
  await Promise.all(asking.map((user) => user.untilAnswered(since)));
  const became = difference(total(asking), before);
  line(`${what} killed`, since, became);
  const isOurs = (parts as readonly string[]).includes(what);
  if (isOurs && became.told > 0) passed = false;
  // The one that was killed comes back, and lives before the next is killed: one container at a time.
  if (!isOurs || single.includes(what)) return;
  docker('start', container);
  await untilReady(container);
}

/** @throws after five minutes */
async function untilReady(container: string): Promise<void> {
  for (const until = performance.now() + longestMs; ; await sleep(500)) {
    if (isReady(container)) return;
    if (performance.now() > until) throw new Error(`${container} does not become ready`);
  }
}

function isReady(container: string): boolean {
  try {
    docker('exec', container, 'node', 'deploy/healthcheck.mjs', '/readyz');
    return true;
  } catch {
    // Not yet, as its exit status says.
    return false;
  }
}

/** Until an edge answers through the balancer. @throws after five minutes */
async function untilServed(): Promise<void> {
  for (const until = performance.now() + longestMs; ; await sleep(200)) {
    if ((await fetch(`http://${listen}/page.json`).catch(() => undefined))?.ok) return;
    if (performance.now() > until) throw new Error('no edge can be reached through the balancer');
  }
}

function tableOf(): { table: ReturnType<typeof generatedTable> } {
  return { table: generatedTable(seeded(), { rows: 200 }) };
}

function total(asking: readonly AskingUser[]): Count {
  return asking.reduce((sum, { count }) => combine(sum, count, 1), none);
}

function difference(after: Count, before: Count): Count {
  return combine(after, before, -1);
}

function combine(a: Count, b: Count, sign: 1 | -1): Count {
  const of = (key: keyof Count): number => a[key] + sign * b[key];
  return { asked: of('asked'), answered: of('answered'), told: of('told'), lost: of('lost'), wrong: of('wrong') };
}

function said({ asked, answered, told, lost, wrong }: Count): string {
  return `asked ${asked}, answered ${answered}, failed and told ${told}, lost ${lost}, wrong ${wrong}`;
}

function line(what: string, since: number, count: Count): void {
  console.log(`${what}: both answered after ${((performance.now() - since) / 1000).toFixed(1)} s (${said(count)})`);
}

function timed(what: string, work: () => void): void {
  const began = performance.now();
  work();
  console.log(`${what} in ${((performance.now() - began) / 1000).toFixed(0)} s`);
}
