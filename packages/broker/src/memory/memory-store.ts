import type {
  AuditEntry,
  DeadWebhook,
  InstanceKey,
  JournalEntry,
  LedgerRecord,
  Pause,
  WebhookEvent,
} from '@reveille/contracts';
import {
  type Admission,
  type AdmissionLimits,
  type Announcement,
  type EdgeId,
  type Member,
  nobody,
  type RouterListener,
  type SessionOwner,
  type WebhookConsumption,
} from '@reveille/orchestration';
import { partitionOf } from '../key/partition.ts';
import { ExpiringMap } from './expiring-map.ts';
import type { MemoryClock } from './memory-clock.ts';
import { MemoryQueues } from './memory-queues.ts';
import { MemoryStreams } from './memory-streams.ts';
import type { MemoryTransport } from './transport.ts';

/** What is stored of an instance. */
export type StoredInstance = {
  token: number;
  text: string;
  foreign?: string;
  epoch: number | undefined;
  leaseOwner: string;
  announced?: Announcement;
};

/** What a store holds of the line. */
export type StoredLine = { admission: Admission; limits: AdmissionLimits; entered: number };

function emptyLine(): StoredLine {
  return { admission: nobody, limits: {}, entered: 0 };
}

/** What is stored of a session. The frames are those from `first` to `seq`. */
export type StoredSession = SessionOwner & {
  epoch: number;
  seq: number;
  first: number;
  stored: number;
  windowMs: number;
  frames: string[];
  accepted: string[];
  /** By id, the generation that it was accepted for. */
  unanswered: Map<string, number>;
  generation?: number;
};

export type RateWindow = { taken: number; until: number };

/** What Redis would hold: shared by all processes of a twin. */
export class MemoryStore {
  readonly clock: MemoryClock;
  readonly transport: MemoryTransport;
  readonly partitions: number;
  readonly instances: ExpiringMap<StoredInstance>;
  /** What the text of each was read as last, by whomever: most readings find nothing new. */
  readonly read = new Map<InstanceKey, { readonly text: string; readonly record: LedgerRecord }>();
  readonly interest: ExpiringMap<Map<EdgeId, number>>;
  readonly attention: Map<string, number>[];
  readonly leases: Map<string, number>[];
  readonly streams: MemoryStreams;
  readonly queues: MemoryQueues;
  line: StoredLine = emptyLine();
  readonly listeners = new Map<EdgeId, Set<RouterListener>>();
  readonly timelines: ExpiringMap<Map<number, JournalEntry>>;
  readonly runs: ExpiringMap<Map<string, string>>;
  readonly runsBy: ExpiringMap<Map<string, number>>;
  readonly durations = new Map<string, Map<string, { at: number; ms: number }>>();
  readonly places: ExpiringMap<Map<string, number>>;
  readonly reservations: ExpiringMap<Map<InstanceKey, { generation: number; until: number }>>;
  readonly sessions: ExpiringMap<StoredSession>;
  readonly rates = new Map<string, RateWindow>();
  /** Client address → edge → its sockets. */
  readonly addresses = new Map<string, Map<EdgeId, { own: number; until: number }>>();
  readonly members = new Map<string, { member: Member; until: number }>();
  readonly pauses = new Map<string, Pause>();
  readonly audit: AuditEntry[] = [];
  readonly failing = new Map<string, number>();
  readonly webhooks = {
    waiting: new Map<string, WebhookEvent>(),
    dead: [] as DeadWebhook[],
    consumers: new Set<WebhookConsumption>(),
  };

  constructor(clock: MemoryClock, transport: MemoryTransport, partitions: number) {
    this.clock = clock;
    this.transport = transport;
    this.partitions = partitions;
    this.instances = new ExpiringMap(clock);
    this.interest = new ExpiringMap(clock);
    this.attention = Array.from({ length: partitions }, () => new Map());
    this.leases = Array.from({ length: partitions }, () => new Map());
    this.streams = new MemoryStreams(clock, transport);
    this.queues = new MemoryQueues(clock, transport);
    this.timelines = new ExpiringMap(clock);
    this.runs = new ExpiringMap(clock);
    this.runsBy = new ExpiringMap(clock);
    this.places = new ExpiringMap(clock);
    this.reservations = new ExpiringMap(clock);
    this.sessions = new ExpiringMap(clock);
  }

  partitionOf(name: string): number {
    return partitionOf(name, this.partitions);
  }

  attentionOf(instance: string): Map<string, number> {
    return this.attention[this.partitionOf(instance)] as Map<string, number>;
  }

  leasesOf(instance: string): Map<string, number> {
    return this.leases[this.partitionOf(instance)] as Map<string, number>;
  }

  /** What a replica has now, that is told of nothing more. Call it to fail over to that: all that has been written since is lost. */
  replica(): () => void {
    const kept = [
      ...[this.instances, this.interest, this.timelines, this.runs, this.runsBy, this.places],
      ...[this.reservations, this.sessions, this.streams, this.queues],
    ].map((part) => part.copy());
    const maps = [
      ...this.attention,
      ...this.leases,
      this.durations,
      this.rates,
      this.addresses,
      this.members,
      this.pauses,
    ].map((map: Map<string, unknown>) => [map, structuredClone(map)] as const);
    const line = structuredClone(this.line);
    return () => {
      this.line = structuredClone(line);
      for (const [map, held] of maps) {
        map.clear();
        for (const [key, value] of held) map.set(key, value);
      }
      for (const restore of kept) restore();
    };
  }

  /** FLUSHALL. */
  clear(): void {
    this.instances.clear();
    this.read.clear();
    this.interest.clear();
    for (const scores of [...this.attention, ...this.leases]) scores.clear();
    this.streams.clear();
    this.queues.clear();
    this.line = emptyLine();
    this.timelines.clear();
    this.runs.clear();
    this.runsBy.clear();
    this.durations.clear();
    this.places.clear();
    this.reservations.clear();
    this.sessions.clear();
    this.addresses.clear();
    this.members.clear();
    this.pauses.clear();
    this.audit.length = 0;
    this.failing.clear();
    this.webhooks.waiting.clear();
    this.webhooks.dead.length = 0;
    for (const listener of [...this.listeners.values()].flatMap((set) => [...set])) listener.onGap('recovered');
  }
}

/** Members whose score is at most `max`, in the order of Redis: by score, then by name. */
export function upTo(scores: ReadonlyMap<string, number>, max: number): string[] {
  return byScore(scores).flatMap(([member, score]) => (score <= max ? [member] : []));
}

export function byScore(scores: ReadonlyMap<string, number>): [string, number][] {
  return [...scores].sort(([a, x], [b, y]) => x - y || (a < b ? -1 : 1));
}
