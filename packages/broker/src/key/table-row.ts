/** One row of the table of Redis keys in `ARCHITECTURE.md`. `NS` = namespace, `N` = partition; upper-case words stand for names. */
export type RedisKeyRow = {
  pattern: string;
  type: 'string' | 'hash' | 'set' | 'zset' | 'stream' | 'list';
  slot: 'partition' | 'namespace';
  content: string;
  writes: string;
  bound: string;
  expiry: string;
};
