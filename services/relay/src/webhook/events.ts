import type { Failure, JournalEntry, WebhookEvent } from '@reveille/contracts';
import type { Webhooks } from '@reveille/orchestration';

/**
 * What a journal entry means to somebody outside: a service failed for good, or is ready again after that. Entries come at least once, and
 * the id of an event is that of its change, so that receivers and the queue know a repetition. A pause is no failure: an operator made it.
 */
export async function addEvents(webhooks: Webhooks, entries: readonly JournalEntry[]): Promise<void> {
  for (const { change, at, record } of entries) {
    const { instance, service, failure, generation, revision } = record;
    const shared = { version: 1, at, instance, service } as const;
    if (change === 'failed' && failure !== undefined && failure.code !== 'maintenance') {
      await webhooks.noteFailed(instance, at);
      const id = `failed.${instance}.${generation}.${revision}`;
      await webhooks.add({ ...shared, id, event: 'service_failed', failure: withoutLog(failure) });
    } else if (change === 'ready' && (await webhooks.hasFailed(instance))) {
      const event: WebhookEvent = { ...shared, id: `recovered.${instance}.${generation}`, event: 'service_recovered' };
      // Forgotten only once the event is kept: an entry that comes again must find it.
      await webhooks.add(event);
      await webhooks.forgetFailed(instance);
    }
  }
}

/** Log lines may hold what a user said; whoever may see them has `reveille status`. */
function withoutLog(failure: Failure): Failure {
  const { logTail: _, ...rest } = failure;
  return rest;
}
