import type { Kind } from '../deployables.ts';
import type { CatalogOf } from './fault-catalog.ts';
import type { RedisOf } from './world-redis.ts';

export type WorldOf = CatalogOf & {
  readonly size?: Partial<Record<Kind, number>>;
  readonly redis?: RedisOf;
  /** Another Redis than a single server: then no proxies are before it. */
  readonly shape?: () => Promise<Shape>;
  /** No proxy before Redis: a row with a crowd keeps this process too busy to carry what others say to Redis. */
  readonly direct?: boolean;
  /** Sources of another version, which its deployables run from until the row says otherwise. */
  readonly root?: string;
  readonly env?: Readonly<Record<string, string>>;
};

export type Shape = AsyncDisposable & { readonly url: string };
