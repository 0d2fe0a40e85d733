/** Aborts what is under way, also when something wider aborts. */
export interface ChildAbort extends Disposable {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
}

/**
 * A controller that also aborts when one of `outer` does, with its reason. Disposing ends that at once: what `AbortSignal.any` and
 * `AbortSignal.timeout` leave behind is for the garbage collector, as long as `outer` or the time lasts.
 */
export function childAbort(...outer: readonly (AbortSignal | undefined)[]): ChildAbort {
  const own = new AbortController();
  const follow = (event: Event): void => own.abort((event.target as AbortSignal).reason);
  const aborted = outer.find((signal) => signal?.aborted);
  if (aborted !== undefined) own.abort(aborted.reason);
  else for (const signal of outer) signal?.addEventListener('abort', follow, { once: true });
  return {
    signal: own.signal,
    abort: (reason) => own.abort(reason),
    [Symbol.dispose]() {
      for (const signal of outer) signal?.removeEventListener('abort', follow);
    },
  };
}
