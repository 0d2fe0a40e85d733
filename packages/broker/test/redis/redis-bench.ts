import { randomBytes } from 'node:crypto';
import { connectBroker, type BrokerLogger } from '@reveille/broker';
import type { Broker } from '@reveille/orchestration';
import { type Cluster, Redis } from 'ioredis';
import { partitionOf } from '../../src/key/partition.ts';
import type { Bench, BenchOptions } from '../conformance/bench.ts';
import { elapse, keysOf } from './elapse.ts';

const partitions = 8;

export interface RedisBench extends Bench {
  readonly namespace: string;
  readonly redis: Redis;
  /** Tells `onKeys` what is there now. */
  tellKeys(): Promise<void>;
}

export type RedisBenchOptions = BenchOptions & {
  url: string;
  logger?: BrokerLogger;
  /** Is told the keys that are there before the bench removes them. */
  onKeys?: (keys: readonly { key: string; type: string }[], namespace: string) => void;
};

/** A broker in a namespace of its own, whose keys are removed at the end. */
export async function redisBench({ url, logger, onKeys, sessionsBytes }: RedisBenchOptions): Promise<RedisBench> {
  const redis = new Redis(url);
  const sessions = { bytes: sessionsBytes };
  const connect = (namespace: string): Promise<Broker> =>
    connectBroker({ url, namespace, partitions, sessions, logger });
  const bench = await benchOn(redis, connect, onKeys);
  return {
    ...bench,
    redis,
    async [Symbol.asyncDispose]() {
      await bench[Symbol.asyncDispose]();
      await redis.quit();
    },
  };
}

/** The same over a client of the caller, for a Redis of any shape. */
export async function benchOn(
  redis: Redis | Cluster,
  connect: (namespace: string) => Promise<Broker>,
  onKeys?: RedisBenchOptions['onKeys'],
): Promise<Bench & { namespace: string; tellKeys(): Promise<void> }> {
  const namespace = `t-${randomBytes(6).toString('hex')}`;
  const brokers = [await connect(namespace)];
  const tellKeys = async (): Promise<void> => {
    if (onKeys === undefined) return;
    const keys = await keysOf(redis, namespace);
    const types = await Promise.all(keys.map((key) => redis.type(key)));
    const there = keys.map((key, at) => ({ key, type: types[at] ?? 'none' }));
    onKeys(
      there.filter(({ type }) => type !== 'none'),
      namespace,
    );
  };
  return {
    namespace,
    tellKeys,
    broker: brokers[0] as Broker,
    another: async () => {
      const broker = await connect(namespace);
      brokers.push(broker);
      return broker;
    },
    elapse: (ms) => elapse(redis, namespace, ms),
    putText: async (instance, text) => {
      await redis.hset(`{${namespace}:p${partitionOf(instance, partitions)}}:record:${instance}`, 'record', text);
    },
    async [Symbol.asyncDispose]() {
      await tellKeys();
      for (const broker of brokers.reverse()) await broker[Symbol.asyncDispose]();
      // One by one: those of a cluster are in many slots.
      await Promise.all((await keysOf(redis, namespace)).map((key) => redis.unlink(key)));
    },
  };
}
