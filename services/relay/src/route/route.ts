import type { JournalEntry } from '@reveille/contracts';
import {
  BrokerUnavailable,
  type EdgeId,
  type Router,
  type StampedEntry,
  type Timelines,
} from '@reveille/orchestration';
import { ATTRIBUTE, isTracing, type Logger, type Metrics, SPAN, withSpan } from '@reveille/telemetry';
import { recordTimelineSpans } from '../trace/timeline-spans.ts';
import { entriesByEdge } from './by-edge.ts';

/** Hands each change to the edges that are stamped on it and to no other, then keeps it in its timeline. */
export function routeTo(of: { router: Router; timelines: Timelines; metrics: Metrics; logger: Logger }) {
  const published = of.metrics.counter('journalPublished');
  const lag = of.metrics.histogram('relayLagMs');

  return async (entries: readonly StampedEntry[]): Promise<void> => {
    if (entries.length === 0) return;
    await spanned(entries, async () => {
      // Users first: the timeline is read later.
      await Promise.all([...entriesByEdge(entries)].map(([edge, list]) => publish(of, edge, list)));
      published.inc(entries.reduce((sum, one) => sum + one.edges.length, 0));
      for (const { entry, edges } of entries) {
        lag.observe(Math.max(0, Date.now() - entry.at));
        const { instance, state, generation, attempt } = entry.record;
        of.logger.debug({ instance, state, generation, attempt, change: entry.change, edges }, 'routed');
      }
      const kept = entries.map((one) => one.entry);
      await of.timelines.append(kept);
      if (isTracing()) await recordTimelineSpans(of.timelines, kept);
    });
  };
}

/** Within a span of the start that the newest of the entries is about; what goes on at instances that are ready is nobody's trace. */
async function spanned(entries: readonly StampedEntry[], work: () => Promise<void>): Promise<void> {
  const record = entries.findLast(({ entry }) => isOfStart(entry))?.entry.record;
  if (record === undefined) return work();
  const parent = record.origin?.traceparent ?? null;
  const attributes = { [ATTRIBUTE.instance]: record.instance, [ATTRIBUTE.generation]: record.generation };
  await withSpan(SPAN.route, { parent, attributes }, work);
}

function isOfStart({ change, record: { state } }: JournalEntry): boolean {
  return state === 'waiting' || state === 'queued' || state === 'starting' || change === 'ready' || change === 'failed';
}

/** While Redis is away the entries come again. An edge that cannot be reached otherwise reads its plans anew, and keeps nobody waiting. */
async function publish(
  { router, logger }: { router: Router; logger: Logger },
  edge: EdgeId,
  entries: readonly JournalEntry[],
): Promise<void> {
  try {
    await router.publish(edge, entries);
  } catch (error) {
    if (error instanceof BrokerUnavailable) throw error;
    logger.error({ edge, err: error, entries: entries.length }, 'an edge could not be told');
  }
}
