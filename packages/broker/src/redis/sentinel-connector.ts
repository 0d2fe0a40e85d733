import { type Redis, type RedisOptions, SentinelConnector } from 'ioredis';

type Open = (endpoint: unknown, options?: object) => Redis;
type Detector = { cleanup(): void };

/** What a sentinel publishes when it has made another one primary. */
const switched = '+switch-master';

/**
 * The connector of ioredis (6.0.0), with three faults of it mended:
 *
 * - Errors of its connections to sentinels have a listener. Without one ioredis writes each of them to standard error, past the log, and
 *   hides from its caller why a sentinel refuses.
 * - The failover detector of a connection ends with it. It would go on to listen while the next connection is being opened, and what it
 *   hears then ends the client for good ("Connection is closed"): so it is when a primary was killed.
 * - A detector that comes back to its sentinel subscribes again here. ioredis does it with a promise that nobody holds: a sentinel that is
 *   too slow to answer would end the process.
 */
export function sentinelConnector(onError: (error: unknown) => void): NonNullable<RedisOptions['Connector']> {
  return class extends SentinelConnector {
    constructor(options: unknown) {
      super(options as ConstructorParameters<typeof SentinelConnector>[0]);
      // A method of the class above, but private in its types; only detectors come with options of their own.
      const open = (Reflect.get(this, 'connectToSentinel') as Open).bind(this);
      const heard: Open = (endpoint, own) => {
        const client = open(endpoint, { ...own, autoResubscribe: false }).on('error', onError);
        return own === undefined ? client : client.on('ready', () => listen(client, onError));
      };
      Object.defineProperty(this, 'connectToSentinel', { value: heard });
    }

    override connect(...args: Parameters<SentinelConnector['connect']>): ReturnType<SentinelConnector['connect']> {
      (Reflect.get(this, 'failoverDetector') as Detector | null)?.cleanup();
      return super.connect(...args);
    }
  };
}

/** A connection on which that failed would hear nothing: it is opened anew. */
function listen(client: Redis, onError: (error: unknown) => void): void {
  client.subscribe(switched).catch((error: unknown) => {
    onError(error);
    client.disconnect(true);
  });
}
