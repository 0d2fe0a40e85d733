import { randomSpanId, randomTraceId } from './traceparent.ts';

/** Ids that the next span takes instead of random ones. Set and cleared around one synchronous `startSpan`. */
let chosen: { readonly traceId: string; readonly spanId: string } | undefined;
let generating = false;

/** The id generator given to the SDK: random, but for a span that was promised its ids beforehand. */
export const chosenIdGenerator = {
  generateTraceId: (): string => chosen?.traceId ?? randomTraceId(),
  generateSpanId: (): string => chosen?.spanId ?? randomSpanId(),
};

/** Says whether the SDK that makes spans asks `chosenIdGenerator`. */
export function setGenerating(on: boolean): void {
  generating = on;
}

export function isGenerating(): boolean {
  return generating;
}

/** Runs `start`, which must start exactly one span synchronously, with these ids. */
export function withChosenIds<T>(ids: { readonly traceId: string; readonly spanId: string }, start: () => T): T {
  chosen = ids;
  try {
    return start();
  } finally {
    chosen = undefined;
  }
}
