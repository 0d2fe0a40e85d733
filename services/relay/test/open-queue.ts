import { Queue } from 'bullmq';
import type { RelayWorld } from './relay-world.ts';

/** A queue of the namespace, as BullMQ sees it. */
export async function openQueue(world: RelayWorld, name: string): Promise<Queue & AsyncDisposable> {
  const queue = new Queue(name, queueOptions(world));
  await queue.waitUntilReady();
  return Object.assign(queue, { [Symbol.asyncDispose]: () => queue.close() });
}

export function queueOptions({ url, namespace }: RelayWorld) {
  return { connection: { url, maxRetriesPerRequest: null }, prefix: `{${namespace}}`, skipVersionCheck: true } as const;
}
