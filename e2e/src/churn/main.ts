/**
 * `npm run test:churn`: 2,000 sessions talk over two edges while 10,000 connections are cut and all edges are replaced three times.
 * Ends with 1 when a message was lost or doubled, a session was not continued, or an edge let go of its clients at once.
 *
 * `--sessions N`, `--disconnects N`, `--restarts N`, `--edges N`, `--per-second N` (connections that are cut), `--pause MS` (of a session).
 */
import { parseArgs } from 'node:util';
import { launchRedis } from '@reveille/broker/server';
import { churn } from './churn.ts';
import { fifthsOf } from './spread.ts';

const number = (fallback: number) => ({ type: 'string', default: String(fallback) }) as const;
const { values } = parseArgs({
  options: {
    sessions: number(2000),
    disconnects: number(10_000),
    restarts: number(3),
    edges: number(2),
    'per-second': number(100),
    pause: number(5000),
  },
});
/** A fifth of the time must not see more than this share of the closes. */
const mostInOneFifth = 0.5;
/** Edges that had fewer are not judged by that: their window is short, since it grows with the sessions. */
const enoughCloses = 200;

await using redis = await launchRedis();
const began = performance.now();
const result = await churn({
  redisUrl: redis.url,
  sessions: Number(values.sessions),
  disconnects: Number(values.disconnects),
  disconnectsPerSecond: Number(values['per-second']),
  restarts: Number(values.restarts),
  edges: Number(values.edges),
  pauseMs: Number(values.pause),
  say: (line) => console.log(`${Math.round((performance.now() - began) / 1000)} s: ${line}`),
});
const { closes, ...counts } = result;
const fifths = closes.map(fifthsOf);
console.log(JSON.stringify({ ...counts, tookMs: Math.round(performance.now() - began) }, undefined, 2));
for (const [at, ms] of closes.entries()) {
  const shares = fifths[at]?.map((share) => `${Math.round(share * 100)} %`).join(', ');
  console.log(
    `edge ${at + 1}: ${ms.length} closes within ${Math.round(Math.max(...ms))} ms of SIGTERM, by fifths ${shares}`,
  );
}
const { lost, doubled, missing, outOfOrder, begunAnew } = counts;
const isWhole = lost + doubled + missing + outOfOrder + begunAnew === 0;
const isSpread = closes.every(
  (ms, at) => ms.length < enoughCloses || Math.max(...(fifths[at] ?? [])) <= mostInOneFifth,
);
console.log(isWhole && isSpread ? 'nothing was lost or doubled, and every edge let go bit by bit' : 'FAILED');
if (!isWhole || !isSpread) process.exitCode = 1;
