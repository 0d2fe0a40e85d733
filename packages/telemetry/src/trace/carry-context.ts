import { type Context, ROOT_CONTEXT, context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { formatTraceparent, isCarried, parseTraceparent } from './traceparent.ts';

let carried = false;

/**
 * Makes contexts follow asynchronous calls in this process, whether spans are exported or not: trace ids in logs and
 * frames depend on it. Where a manager is registered already (an SDK loaded before us), that one stays.
 */
export function carryContext(): void {
  if (carried) return;
  carried = true;
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
}

/** The context whose parent is `traceparent`; the root context when it is absent or not valid. */
export function contextFrom(traceparent: string | undefined): Context {
  const parent = traceparent === undefined ? undefined : parseTraceparent(traceparent);
  return parent === undefined ? ROOT_CONTEXT : trace.setSpan(ROOT_CONTEXT, trace.wrapSpanContext(parent));
}

/** Runs `fn`, and everything asynchronous that it begins, with `traceparent` as the active parent. */
export function runWithTraceparent<T>(traceparent: string | undefined, fn: () => T): T {
  carryContext();
  return context.with(contextFrom(traceparent), fn);
}

/** The traceparent to hand to others from here: of the active span. Undefined outside every trace. */
export function currentTraceparent(): string | undefined {
  const active = trace.getSpanContext(context.active());
  return active !== undefined && isCarried(active) ? formatTraceparent(active) : undefined;
}

/** The trace that this process was started in, by the environment variable TRACEPARENT; else the root context. */
export function parentContextFromEnv(env: Readonly<Record<string, string | undefined>>): Context {
  return contextFrom(env['TRACEPARENT']);
}
