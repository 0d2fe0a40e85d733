import { type Redis, type RedisOptions, SentinelConnector } from 'ioredis';

type Open = (endpoint: unknown, options?: object) => Redis;

/**
 * The connector of ioredis, with a listener for the errors of its connections to sentinels. Without one ioredis writes each
 * of them to standard error, past the log, and hides from its caller why a sentinel refuses.
 */
export function sentinelConnector(onError: (error: unknown) => void): NonNullable<RedisOptions['Connector']> {
  return class extends SentinelConnector {
    constructor(options: unknown) {
      super(options as ConstructorParameters<typeof SentinelConnector>[0]);
      // A method of the class above, but private in its types.
      const open = (Reflect.get(this, 'connectToSentinel') as Open).bind(this);
      const heard: Open = (endpoint, options) => open(endpoint, options).on('error', onError);
      Object.defineProperty(this, 'connectToSentinel', { value: heard });
    }
  };
}
