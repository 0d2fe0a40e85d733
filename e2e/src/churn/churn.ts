import { setTimeout } from 'node:timers/promises';
import { Balancer } from '../balancer.ts';
import { Cluster, runs } from '../cluster.ts';
import { ReplacedEdges } from './replaced-edges.ts';
import { answeredOnceMore, type Count, sumOf, Talker } from './talker.ts';

export type ChurnOptions = {
  redisUrl: string;
  sessions: number;
  edges: number;
  /** Connections that are cut without a word, over all sessions. */
  disconnects: number;
  disconnectsPerSecond: number;
  /** Each replaces every edge, one after the other. */
  restarts: number;
  /** Between an answer and the next question of a session, on average. */
  pauseMs: number;
  say: (line: string) => void;
};

export type ChurnResult = Count & {
  disconnects: number;
  /** Of each edge that was stopped: for each of its connections, when it was closed after SIGTERM (ms). */
  closes: number[][];
};

/** An echo of its tenant on top of a store, for users with much to say. */
export const echoCatalog = `
version: 1
services:
  store: { start: { ${runs('store')} }, ready: { reported: true } }
  echo: { scope: tenant, dependsOn: [store], start: { ${runs('echo')} } }
entrypoints:
  chat: { service: echo, upstream: { websocket: { path: /session } }, deadlineMs: 120000, limits: { messagesPerSecond: 1000 } }
`;
/** Sessions that arrive at once. */
const arrivalsAtOnce = 50;

/** Sessions talk, while their connections are cut and their edges are replaced; what became of each of their questions. */
export async function churn(options: ChurnOptions): Promise<ChurnResult> {
  const { redisUrl, sessions, edges: size, restarts, pauseMs, say } = options;
  await using balancer = await Balancer.listen();
  await using cluster = await Cluster.start({ redisUrl, catalog: echoCatalog, size: { edge: size } });
  const edges = await ReplacedEdges.behind(balancer, cluster);
  const talkers: Talker[] = [];
  const closes: number[][] = [];
  try {
    for (let first = 0; first < sessions; first += arrivalsAtOnce) {
      const some = Array.from({ length: Math.min(arrivalsAtOnce, sessions - first) }, (_, at) => first + at);
      talkers.push(...some.map((at) => new Talker(`user-${at}`, balancer.url, pauseMs)));
      await answeredOnceMore(talkers.slice(first));
    }
    say(`${sessions} sessions talk`);
    const cut = await disconnect(balancer, options);
    await answeredOnceMore(talkers);
    say(`${cut} connections were cut`);
    for (let round = 0; round < restarts; round += 1) {
      for (let turn = 0; turn < size; turn += 1) {
        const { code, closedAfterMs } = await edges.replaceOldest('SIGTERM');
        if (code !== 0) throw new Error(`an edge ended with ${code}`);
        closes.push(await closedAfterMs);
        await answeredOnceMore(talkers);
      }
      say(`all edges were replaced (${round + 1} of ${restarts})`);
    }
    await Promise.all(talkers.map((talker) => talker.stop()));
    return { ...sumOf(talkers), disconnects: cut, closes };
  } finally {
    for (const { client } of talkers) client.close();
  }
}

async function disconnect(
  balancer: Balancer,
  { disconnects, disconnectsPerSecond }: Pick<ChurnOptions, 'disconnects' | 'disconnectsPerSecond'>,
): Promise<number> {
  let cut = 0;
  while (cut < disconnects) {
    if (balancer.cutOne()) cut += 1;
    await setTimeout(1000 / disconnectsPerSecond);
  }
  return cut;
}
