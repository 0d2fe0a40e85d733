import { createMemoryBroker } from '@reveille/broker/memory';
import type { Bench } from '../conformance/bench.ts';

export async function memoryBench(): Promise<Bench> {
  const broker = createMemoryBroker();
  return {
    broker,
    another: async () => broker.another(),
    elapse: async (ms) => broker.advance(ms),
    putText: async (instance, text) => broker.putText(instance, text),
    [Symbol.asyncDispose]: () => broker[Symbol.asyncDispose](),
  };
}
