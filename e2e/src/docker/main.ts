/**
 * `npm run test:docker`: the compose file on a real Engine. A user connects through the balancer and asks; then each container is killed
 * in turn, and the user asks again. Every message that was accepted has to be answered with the right numbers. Prints how long each took.
 *
 * Needs an Engine (DOCKER_HOST) that has or can pull the base images, and docker-compose. `--no-build` uses the images that are there.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '@reveille/client';
import { generatedTable } from '../usage-table.ts';
import { seeded } from '../seed.ts';
import { resultOf, type RunEvent } from '../assistant/user.ts';
import { compose, containerOf, docker, parts, removeServices, services } from './compose.ts';

const listen = process.env['REVEILLE_LISTEN'] ?? '127.0.0.1:8080';
/** How long an answer may take while something is down, milliseconds. */
const ANSWER_MS = 60_000;

const table = generatedTable(seeded(), { rows: 500 });

if (!process.argv.includes('--no-build')) compose('build');
removeServices();
let failed = 0;
try {
  const began = performance.now();
  compose('up', '-d', '--no-build');
  await untilServed();
  const token = compose('run', '--rm', 'token', 'alice', 'acme');
  const client = connect({ url: `ws://${listen}`, entrypoint: 'chat', token });
  try {
    await report('the first answer, from nothing running', began, () => ask());
    for (const what of [...parts, ...services]) {
      const killed = containerOf(what);
      const since = performance.now();
      docker('kill', killed);
      // Of these there is one: like the Engine after a crash, the test starts it again. The others have a second one that goes on.
      if (what === 'redis' || what === 'balancer') docker('start', killed);
      await report(`${what} killed`, since, () => ask());
      if ((parts as readonly string[]).includes(what)) docker('start', killed);
    }
  } finally {
    client.close();
  }

  async function ask(): Promise<void> {
    const message = { text: 'Where do the tokens go?', files: [table.file] };
    const frames = await Array.fromAsync(client.ask(message));
    const { totals } = resultOf(frames.map(({ data }) => data as unknown as RunEvent)).analysis_results;
    for (const [name, right] of Object.entries(table.totals))
      if (totals?.[name as keyof typeof table.totals] !== right)
        throw new Error(`${name} is ${JSON.stringify(totals)}, and ${right} is right`);
  }
} finally {
  // Services first: while one of them is on the network, the Engine does not remove it.
  removeServices();
  compose('down', '-v');
}
console.log(
  failed === 0 ? 'every message was answered with the right numbers' : `${failed} messages were not answered`,
);
if (failed > 0) process.exitCode = 1;

/** Until an edge answers through the balancer. @throws after a minute */
async function untilServed(): Promise<void> {
  for (const until = performance.now() + 60_000; ;) {
    if ((await fetch(`http://${listen}/page.json`).catch(() => undefined))?.ok) return;
    if (performance.now() > until) throw new Error('no edge can be reached through the balancer');
    await sleep(100);
  }
}

async function report(what: string, since: number, ask: () => Promise<void>): Promise<void> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`no answer within ${ANSWER_MS / 1000} s`)), ANSWER_MS);
  try {
    await Promise.race([ask(), late.promise]);
    console.log(`ok      ${what}: answered after ${((performance.now() - since) / 1000).toFixed(1)} s`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${what}: ${(error as Error).message}`);
  } finally {
    clearTimeout(timer);
  }
}
