import 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    /** A real Redis server that the whole test run shares: each test keeps to a namespace of its own. */
    redisUrl: string;
  }
}
