import { inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    redisUrl: string;
  }
}

/** The server that all tests of a run share; each keeps to a namespace of its own. */
export const redisUrl = inject('redisUrl');
