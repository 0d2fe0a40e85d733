import { type JournalEntry, type LedgerRecord, type Origin, startSpanKey } from '@reveille/contracts';
import { instanceTimeline, type Timelines } from '@reveille/orchestration';
import { ATTRIBUTE, failSpan, promisedChild, SPAN, startSpan } from '@reveille/telemetry';

type Owned = LedgerRecord & { origin: Origin };

/**
 * Spans of what no process lives through: an instance waits for what it needs, stands in the queue, or had an initializer that died in the
 * middle of its start. Entries that come again give the same spans again, with the same ids.
 */
export async function recordTimelineSpans(timelines: Timelines, entries: readonly JournalEntry[]): Promise<void> {
  for (const { change, record, at } of entries) {
    if (!hasOrigin(record)) continue;
    const { wantedAt, queuedAt, claimedAt } = record.timings;
    if (change !== 'claimed') continue;
    if (record.attempt > 1) {
      await recordAbandoned(timelines, record, at);
      continue;
    }
    recordPhase(SPAN.waiting, record, wantedAt, queuedAt);
    recordPhase(SPAN.queued, record, queuedAt, claimedAt);
  }
}

function hasOrigin(record: LedgerRecord): record is Owned {
  return record.origin !== undefined;
}

function recordPhase(name: string, record: Owned, from: number | undefined, to: number | undefined): void {
  if (from === undefined || to === undefined || to <= from) return;
  const { instance, generation, origin } = record;
  const as = promisedChild(origin.traceparent, `${name} ${instance} ${generation}`);
  const span = startSpan(name, {
    parent: origin.traceparent,
    ...(as === undefined ? {} : { as }),
    startTime: from,
    attributes: attributesOf(record),
  });
  span.end({ endTime: to });
}

/** Who takes over a start that nobody ended: the span of that one was lost with its process. */
async function recordAbandoned(timelines: Timelines, record: Owned, at: number): Promise<void> {
  const { instance, generation, origin } = record;
  const { entries, keptBefore } = await timelines.read(instance, generation);
  const attempts = instanceTimeline(entries, at, keptBefore)?.attempts ?? [];
  for (const { attempt, epoch, from, to } of attempts.filter((one) => one.outcome === 'abandoned' && one.to === at)) {
    const as = promisedChild(origin.traceparent, startSpanKey(instance, epoch));
    const span = startSpan(SPAN.start, {
      parent: origin.traceparent,
      ...(as === undefined ? {} : { as }),
      startTime: from,
      attributes: {
        ...attributesOf(record),
        [ATTRIBUTE.attempt]: attempt,
        [ATTRIBUTE.epoch]: epoch,
        [ATTRIBUTE.outcome]: 'abandoned',
      },
    });
    failSpan(span.span, 'abandoned');
    span.end({ endTime: to });
  }
}

function attributesOf({ service, instance, generation, origin }: Owned) {
  return {
    [ATTRIBUTE.service]: service,
    [ATTRIBUTE.instance]: instance,
    [ATTRIBUTE.generation]: generation,
    [ATTRIBUTE.initialization]: origin.initialization,
  };
}
