import type { Json } from '@reveille/client';
import type { ServerFrameOf } from '@reveille/contracts';
import type { SentFile } from './text-file.ts';

/**
 * `sending`: not accepted yet; an edge holds it until the service is ready. `delivered`: accepted by the service. `rejected` and
 * `interrupted` say why.
 */
export type Delivery =
  { readonly is: 'sending' | 'delivered' } | { readonly is: 'rejected' | 'interrupted'; readonly why: string };

/** A message of the user. */
export interface Sent {
  readonly kind: 'sent';
  readonly id: string;
  readonly text: string;
  readonly files: readonly SentFile[];
  /** As it was sent, to send it again. */
  readonly data: Json;
  readonly delivery: Delivery;
}

/** What the service says about one message, or of its own accord. */
export interface Answer {
  readonly kind: 'answer';
  /** The message that it answers or the run that it belongs to, else a name of its own. */
  readonly key: string;
  /** The message that it answers, when the service says so. */
  readonly re?: string;
  readonly service: string;
  readonly data: readonly Json[];
  readonly final: boolean;
  /** The service was lost while it answered: nothing more may come. */
  readonly interrupted?: boolean;
}

/** Something that happened to the conversation. */
export interface Note {
  readonly kind: 'note';
  readonly key: string;
  readonly text: string;
}

export type Entry = Sent | Answer | Note;
export type Conversation = readonly Entry[];

/** Entries that are kept; older ones leave the page. */
const mostEntries = 400;
/** Events of one answer that are kept: the first ones and the newest. */
const mostEvents = 1_000;

function add(entries: Conversation, entry: Entry): Conversation {
  return [...entries, entry].slice(-mostEntries);
}

export function said(entries: Conversation, message: Omit<Sent, 'kind' | 'delivery'>): Conversation {
  return add(entries, { kind: 'sent', ...message, delivery: { is: 'sending' } });
}

export function noted(entries: Conversation, key: string, text: string): Conversation {
  return add(entries, { kind: 'note', key, text });
}

/** Changes what became of messages; the conversation stays the same object when nothing does. */
export function delivered(entries: Conversation, change: (sent: Sent) => Delivery | undefined): Conversation {
  let changed = false;
  const next = entries.map((entry) => {
    const delivery = entry.kind === 'sent' ? change(entry) : undefined;
    if (entry.kind !== 'sent' || delivery === undefined) return entry;
    changed = true;
    return { ...entry, delivery };
  });
  return changed ? next : entries;
}

export function answered(entries: Conversation, frame: ServerFrameOf<'message'>): Conversation {
  const { data, re, final = false, origin, seq } = frame;
  const key = re ?? runOf(data) ?? `#${seq}`;
  // An answer is proof that the message arrived, whatever was feared for it before.
  const known =
    re === undefined
      ? entries
      : delivered(entries, (sent) =>
          sent.id === re && sent.delivery.is !== 'delivered' ? { is: 'delivered' } : undefined,
        );
  const index = known.findLastIndex((entry) => entry.kind === 'answer' && entry.key === key && !entry.final);
  const open = known[index];
  if (open?.kind !== 'answer') {
    const answer = { kind: 'answer', key, service: origin.service, data: [data], final } as const;
    return add(known, re === undefined ? answer : { ...answer, re });
  }
  const { interrupted: _, ...rest } = open;
  const events = open.data.length < mostEvents ? [...open.data, data] : [...open.data.slice(0, -1), data];
  return known.with(index, { ...rest, data: events, final });
}

/** The service was lost: what it had not answered to the end may stay as it is. */
export function interrupted(entries: Conversation, ids: readonly string[], reason: string): Conversation {
  const why = interruptions[reason] ?? reason;
  return delivered(entries, ({ id }) => (ids.includes(id) ? { is: 'interrupted', why } : undefined)).map((entry) =>
    entry.kind === 'answer' && !entry.final && ids.includes(entry.key) ? { ...entry, interrupted: true } : entry,
  );
}

/** The codes that the edge gives as reasons, in words. */
const interruptions: Record<string, string> = {
  service_lost: 'The service was lost while it was at it.',
};

/** The run that an event names; services that answer without `re` may still group what they say. */
function runOf(data: Json): string | undefined {
  return typeof data === 'object' && data !== null && !Array.isArray(data) && typeof data['run'] === 'string'
    ? data['run']
    : undefined;
}
