export interface SleepOptions {
  /** `false`: the timer alone does not keep the process alive. Default `true`. */
  readonly ref?: boolean;
}

/**
 * Resolves after `ms` milliseconds.
 * @throws the signal's reason as soon as `signal` aborts.
 */
export function sleep(ms: number, signal?: AbortSignal, options: SleepOptions = {}): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason as Error);
      return;
    }
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
      // Node keeps a list for each duration, and forgets to drop those of parts of a millisecond when their last timer is cleared.
    }, Math.ceil(ms));
    if (options.ref === false) timer.unref();
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
