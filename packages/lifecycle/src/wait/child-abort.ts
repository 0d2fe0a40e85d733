/** Aborts what is under way, also when something wider aborts. */
export interface ChildAbort extends Disposable {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
}

/**
 * A controller that also aborts when `outer` does, with its reason. Disposing ends that at once: what `AbortSignal.any` and
 * `AbortSignal.timeout` leave behind is for the garbage collector, as long as `outer` or the time lasts.
 */
export function childAbort(outer: AbortSignal | undefined): ChildAbort {
  const own = new AbortController();
  const onAbort = (): void => own.abort(outer?.reason);
  if (outer?.aborted === true) onAbort();
  else outer?.addEventListener('abort', onAbort, { once: true });
  return {
    signal: own.signal,
    abort: (reason) => own.abort(reason),
    [Symbol.dispose]: () => outer?.removeEventListener('abort', onAbort),
  };
}
