import { Worker } from 'bullmq';

/** Raw BullMQ: takes the jobs of a queue and does nothing with them. Prints a line when it runs. REDIS_PORT, BENCH_CONCURRENCY. */
const connection = { host: '127.0.0.1', port: Number(process.env['REDIS_PORT']), maxRetriesPerRequest: null };
const concurrency = Number(process.env['BENCH_CONCURRENCY']);
const worker = new Worker('reference', async () => undefined, {
  ...{ connection, concurrency },
  removeOnComplete: { count: 0 },
});
await worker.waitUntilReady();
console.log('running');
process.once('SIGTERM', () => process.exit());
