import type { JournalEntry } from '@reveille/contracts';
import { interval, type Scope } from '@reveille/lifecycle';
import type { Broker, Member, StampedEntry } from '@reveille/orchestration';
import { isTracing, type Logger, type Metrics } from '@reveille/telemetry';
import { routeTo } from './route/route.ts';
import { tellOfTrimmed } from './route/trimmed.ts';
import { LostEdges } from './trace/lost-edges.ts';

export type RoutingParts = {
  id: string;
  broker: Pick<Broker, 'journal' | 'members' | 'router' | 'timelines'>;
  /** What else becomes of each change that was routed, where this relay delivers webhooks. */
  also: ((entries: JournalEntry[]) => Promise<void>) | undefined;
  logger: Logger;
  metrics: Metrics;
};

/** How long a member counts as alive after its last announcement, and how often it announces itself, milliseconds. */
const memberTtlMs = 10_000;
const announceEveryMs = 3000;
const lookForEdgesEveryMs = 3000;

/** All that a relay does with the journal, joined. Whatever it is given may be a twin. */
export async function startRouting(scope: Scope, of: RoutingParts): Promise<void> {
  const { id, broker, also, metrics, logger } = of;
  const { members, router, timelines } = broker;
  const takesWebhooks = also === undefined ? {} : { webhooks: true };
  const member: Member = { id, kind: 'relay', ...takesWebhooks, startedAt: Date.now() };
  await members.announce(member, memberTtlMs);
  scope.defer(() => members.leave(member), 'membership');
  scope.use(
    interval(announceEveryMs, () => members.announce(member, memberTtlMs), {
      onError: (error) => logger.warn({ err: error }, 'could not announce this relay'),
    }),
    'announcements',
  );
  const route = routeTo({ router, timelines, metrics, logger });
  const onEntries = async (entries: readonly StampedEntry[]): Promise<void> => {
    await route(entries);
    await also?.(entries.map(({ entry }) => entry));
  };
  const onTrimmed = tellOfTrimmed({ router, members, metrics, logger });
  scope.use(await broker.journal.consume(id, onEntries, onTrimmed), 'journal');
  if (!isTracing()) return;
  const lostEdges = new LostEdges({ id, timelines, members });
  const onError = (error: unknown): void =>
    logger.debug({ err: error }, 'could not look which edges are gone: their spans come later');
  scope.use(
    interval(lookForEdgesEveryMs, () => lostEdges.look(), { immediate: true, onError }),
    'lost edges',
  );
}
