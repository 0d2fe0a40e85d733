import type { InstanceKey, LedgerRecord, ServerFrame } from '@reveille/contracts';
import type { Plan } from '@reveille/orchestration';
import { timing } from '@reveille/orchestration';
import { entrypointDeadlineMs } from '../catalog.ts';
import type { EdgeSide } from '../network/user-socket.ts';
import type { Faults } from './faults.ts';

/** By the edge's own timer at the latest; and a step of the simulated clock, in which timers of one moment run one after the other. */
const boundMs = entrypointDeadlineMs + timing.edgeTimerMs.value + 100;

type Watched = {
  readonly visit: string;
  readonly socket: EdgeSide;
  /** Initializations that the user was told of, since when, and those whose end was told. */
  readonly open: Map<string, number>;
  readonly ended: Set<string>;
  /** Since the welcome, until the first end. */
  waitsSince: number | undefined;
};

/**
 * 3: each initialization that is begun on a socket is ended there once, in time. 4: what is told of a service has been so, and not before
 * what was told last.
 */
export class Initializations {
  readonly #faults: Faults;
  readonly #history: (instance: InstanceKey) => readonly LedgerRecord[];
  readonly #watched = new Set<Watched>();
  /** By socket and service: which record of the history is the oldest that was told last. */
  readonly #told = new WeakMap<object, Map<string, number>>();

  constructor(faults: Faults, history: (instance: InstanceKey) => readonly LedgerRecord[]) {
    this.#faults = faults;
    this.#history = history;
  }

  opened(visit: string, socket: EdgeSide): (frame: ServerFrame) => void {
    const watched = { visit, socket, open: new Map(), ended: new Set<string>(), waitsSince: undefined };
    this.#watched.add(watched);
    socket.once('close', () => this.#watched.delete(watched));
    return (frame) => this.#written(watched, frame);
  }

  /** Called again and again. */
  look(): void {
    for (const { visit, socket, open, waitsSince } of this.#watched) {
      if (socket.readyState !== socket.OPEN || socket.process?.crashed || socket.process?.frozen) continue;
      const since = [...open.values(), ...(waitsSince === undefined ? [] : [waitsSince])];
      if (since.some((at) => performance.now() - at > boundMs))
        this.#faults.add(`${visit} was not told within ${boundMs} ms how its initialization ended`);
    }
  }

  /** What a user hears of a service, on one socket. */
  heard(visit: string, socket: object, plan: Plan, frame: ServerFrame): void {
    if (frame.type !== 'service_initializing' && frame.type !== 'service_completed' && frame.type !== 'service_failed')
      return;
    const planned = plan.instances.find(({ service }) => service === frame.service);
    if (planned === undefined) return this.#faults.add(`${visit} was told of ${frame.service}, which it does not need`);
    const told = this.#told.get(socket) ?? new Map<string, number>();
    this.#told.set(socket, told);
    const history = this.#history(planned.instance);
    const last = told.get(planned.instance) ?? 0;
    const at = history.findIndex((record, index) => index >= last && matches(record, frame));
    if (at >= 0) return void told.set(planned.instance, at);
    const words = history.some((record) => matches(record, frame)) ? 'went backwards' : 'was never so';
    this.#faults.add(`what ${visit} was told of ${planned.instance} ${words}: ${JSON.stringify(frame)}`);
  }

  #written(watched: Watched, frame: ServerFrame): void {
    const { visit, open, ended } = watched;
    if (frame.type !== 'message' && frame.type !== 'accepted' && !frame.type.startsWith('service_'))
      this.#faults.tell(`${watched.socket.process?.id} tells ${visit} ${inShort(frame)}`);
    switch (frame.type) {
      case 'welcome':
        watched.waitsSince = performance.now();
        return;
      case 'initialization_started':
        this.#faults.count('begun');
        if (ended.has(frame.initialization)) this.#faults.add(`${visit} was told of an initialization after its end`);
        if (open.size > 0 && !open.has(frame.initialization))
          this.#faults.add(`${visit} was told of another initialization before the end of one`);
        if (!open.has(frame.initialization)) open.set(frame.initialization, performance.now());
        watched.waitsSince = undefined;
        return;
      case 'initialization_completed':
      case 'initialization_failed':
        return this.#ended(watched, frame);
      default:
        return;
    }
  }

  #ended(
    watched: Watched,
    { type, initialization }: Extract<ServerFrame, { type: 'initialization_completed' | 'initialization_failed' }>,
  ): void {
    const { visit, open, ended } = watched;
    this.#faults.count(type);
    watched.waitsSince = undefined;
    if (initialization !== undefined && ended.has(initialization))
      this.#faults.add(`${visit} was told twice how an initialization ended`);
    if (open.size > 0 && (initialization === undefined || !open.has(initialization)))
      this.#faults.add(`${visit} was told the end of another initialization than the one that it waits for`);
    if (initialization === undefined) return;
    open.delete(initialization);
    ended.add(initialization);
  }
}

/** Without what is drawn in stock, which is not the same each time. */
function inShort(frame: ServerFrame): string {
  return JSON.stringify(frame, (key, value: unknown) => (key === 'traceId' ? undefined : value)).slice(0, 300);
}

type OfService = Extract<ServerFrame, { type: 'service_initializing' | 'service_completed' | 'service_failed' }>;

/** Whether the record is what the frame tells. */
function matches(record: LedgerRecord, frame: OfService): boolean {
  if (record.generation !== frame.generation) return false;
  switch (frame.type) {
    case 'service_completed':
      return record.state === 'ready';
    case 'service_failed':
      return (
        record.failure?.attempt === frame.attempt &&
        (frame.willRetry ? record.state === 'queued' || record.state === 'starting' : record.state === 'failed')
      );
    case 'service_initializing':
      switch (record.state) {
        case 'waiting':
          return frame.phase === 'waiting' && record.attempt === frame.attempt;
        case 'queued':
          return frame.phase === 'queued' && record.attempt + 1 === frame.attempt;
        case 'starting':
          return (
            frame.phase === (record.progress?.phase ?? 'starting') &&
            record.attempt === frame.attempt &&
            record.progress?.detail === frame.detail &&
            record.progress?.percent === frame.percent
          );
        default:
          return false;
      }
  }
}
