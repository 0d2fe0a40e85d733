import { createMemoryBroker } from '@reveille/broker/memory';
import type { Bench, BenchOptions } from '../conformance/bench.ts';

export async function memoryBench(options: BenchOptions = {}): Promise<Bench> {
  const broker = createMemoryBroker(options);
  return {
    broker,
    another: async () => broker.another(),
    elapse: async (ms) => broker.advance(ms),
    putText: async (instance, text) => broker.putText(instance, text),
    [Symbol.asyncDispose]: () => broker[Symbol.asyncDispose](),
  };
}
