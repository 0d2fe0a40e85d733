import type {
  KeptMessage,
  ResumeBounds,
  ResumedSession,
  SessionHold,
  SessionOwner,
  SessionStore,
  SessionWrite,
  SessionWriteResult,
  TakeOverRefusal,
} from '@reveille/orchestration';
import { shareOf, sizes } from '../session/bound.ts';
import { rememberedIds } from '../session/scripts.ts';
import type { MemoryProcess } from './memory-process.ts';
import type { MemoryStore, StoredSession } from './memory-store.ts';

/** The sessions in memory: what the scripts do, statement by statement. */
export class MemorySessions implements SessionStore {
  readonly #store: MemoryStore;
  readonly #process: MemoryProcess;
  readonly #most: number;

  /** @param bytes what all sessions may hold together */
  constructor(store: MemoryStore, process: MemoryProcess, bytes: number) {
    this.#store = store;
    this.#process = process;
    this.#most = shareOf(bytes, store.partitions);
  }

  begin(
    owner: SessionOwner,
    { seq, stored, windowMs }: { seq: number; stored: number; windowMs: number },
  ): Promise<{ epoch: number } | { refused: 'full' }> {
    return this.#process.run(() => {
      const { sessions } = this.#store;
      const epoch = this.#mint(sessions.get(owner.session)?.epoch ?? 0);
      sessions.delete(owner.session);
      if (sizes.session > this.#roomFor(owner.session)) return { refused: 'full' as const };
      const numbers = { epoch, seq, first: seq + 1, stored, windowMs };
      sessions.getOrCreate(owner.session, () => ({
        ...owner,
        ...numbers,
        frames: [],
        accepted: [],
        unanswered: new Map(),
      }));
      sessions.expire(owner.session, windowMs);
      return { epoch };
    });
  }

  takeOver(
    owner: SessionOwner,
    { lastSeq, windowMs }: { lastSeq: number; windowMs: number },
  ): Promise<ResumedSession | TakeOverRefusal> {
    return this.#process.run((): ResumedSession | TakeOverRefusal => {
      const kept = this.#store.sessions.get(owner.session);
      if (kept === undefined) return { refused: 'unknown' };
      const { entrypoint, user, keyDigest } = kept;
      if (entrypoint !== owner.entrypoint || user !== owner.user || keyDigest !== owner.keyDigest)
        return { refused: 'forbidden' };
      if (lastSeq > kept.seq || lastSeq + 1 < kept.first) return { refused: 'incomplete' };
      const formerEpoch = kept.epoch;
      Object.assign(kept, { epoch: this.#mint(formerEpoch), windowMs });
      this.#store.sessions.expire(owner.session, windowMs);
      return {
        epoch: kept.epoch,
        formerEpoch,
        seq: kept.seq,
        stored: kept.stored,
        frames: kept.frames.slice(lastSeq + 1 - kept.first),
        accepted: [...kept.accepted],
        unanswered: [...kept.unanswered].map(([id, generation]) => ({ id, generation })),
        ...(kept.generation === undefined ? {} : { generation: kept.generation }),
      };
    });
  }

  async write(hold: SessionHold, writes: readonly SessionWrite[], bounds: ResumeBounds): Promise<SessionWriteResult[]> {
    const results = await this.#under(hold, (kept) => {
      this.#store.sessions.expire(hold.session, bounds.windowMs);
      return writes.map((write) =>
        write.kind === 'keep'
          ? keep(kept, write.message, bounds, this.#roomFor(hold.session))
          : accept(kept, write.id, write.generation),
      );
    });
    return typeof results === 'string' ? writes.map(() => results) : results;
  }

  async received(hold: SessionHold, seq: number): Promise<void> {
    await this.#under(hold, (kept) => {
      while (kept.first <= Math.min(seq, kept.seq)) {
        kept.frames.shift();
        kept.first += 1;
      }
      return 'kept' as const;
    });
  }

  async renew(holds: readonly SessionHold[], windowMs: number): Promise<SessionHold[]> {
    const lost: SessionHold[] = [];
    for (const hold of holds) {
      const renewed = await this.#under(hold, () => {
        this.#store.sessions.expire(hold.session, windowMs);
        return 'kept' as const;
      });
      if (renewed === 'other_edge') lost.push(hold);
    }
    return lost;
  }

  async end(hold: SessionHold): Promise<void> {
    await this.#under(hold, () => {
      this.#store.sessions.delete(hold.session);
      return 'kept' as const;
    });
  }

  unavailable(): string | undefined {
    return this.#process.availability.unavailable();
  }

  /** What the other sessions of its partition leave. */
  #roomFor(session: string): number {
    const partition = this.#store.partitionOf(session);
    const others = this.#store.sessions
      .keys()
      .filter((other) => other !== session && this.#store.partitionOf(other) === partition)
      .flatMap((other) => this.#store.sessions.get(other) ?? []);
    return this.#most - others.reduce((sum, other) => sum + sizeOf(other), 0);
  }

  #under<R>({ session, epoch }: SessionHold, work: (kept: StoredSession) => R): Promise<R | 'other_edge' | 'unknown'> {
    return this.#process.run(() => {
      const kept = this.#store.sessions.get(session);
      if (kept === undefined) return 'unknown' as const;
      if (kept.epoch > epoch) return 'other_edge' as const;
      // As in the scripts: a failover has lost that this epoch took over.
      kept.epoch = epoch;
      return work(kept);
    });
  }

  #mint(last: number): number {
    return Math.max(last + 1, Math.floor(this.#store.clock.now() * 1000));
  }
}

function keep(
  kept: StoredSession,
  { seq, stored, frame, answered }: KeptMessage,
  bounds: ResumeBounds,
  room: number,
): 'kept' | 'full' {
  if (seq <= kept.seq) return 'kept';
  if (seq !== kept.seq + 1) Object.assign(kept, { first: seq, frames: [] });
  kept.frames.push(frame);
  let result: 'kept' | 'full' = 'kept';
  while (kept.frames.length > 0) {
    const isFull = sizeOf(kept) > room;
    if (kept.frames.length <= bounds.messages && bytesOf(kept) <= bounds.bytes && !isFull) break;
    if (isFull) result = 'full';
    kept.frames.shift();
    kept.first += 1;
  }
  if (answered !== undefined) kept.unanswered.delete(answered);
  Object.assign(kept, { seq, stored });
  return result;
}

function bytesOf({ frames }: StoredSession): number {
  return frames.reduce((sum, one) => sum + Buffer.byteLength(one), 0);
}

function sizeOf(kept: StoredSession): number {
  return sizes.session + bytesOf(kept) + sizes.id * kept.accepted.length;
}

function accept(kept: StoredSession, id: string, generation: number): 'kept' | 'known' {
  if (kept.accepted.includes(id)) return 'known';
  kept.accepted.push(id);
  kept.unanswered.set(id, generation);
  kept.generation = generation;
  if (kept.accepted.length > rememberedIds) kept.unanswered.delete(kept.accepted.shift() as string);
  return 'kept';
}
