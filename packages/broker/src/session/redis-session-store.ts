import type {
  ResumeBounds,
  ResumedSession,
  SessionHold,
  SessionOwner,
  SessionStore,
  SessionWrite,
  SessionWriteResult,
  TakeOverRefusal,
} from '@reveille/orchestration';
import type { Keys } from '../key/keys.ts';
import type { Link } from '../redis/link.ts';
import type { Script } from '../redis/script.ts';
import { defaultSessionsBytes, shareOf } from './bound.ts';
import {
  beginScript,
  endSessionScript,
  held,
  receivedScript,
  renewSessionScript,
  takeOverScript,
  writeScript,
} from './scripts.ts';

type RawTaken = [
  outcome: 'taken',
  epoch: string,
  former: string,
  seq: string,
  stored: string,
  frames: string[],
  accepted: string[],
  unanswered: string[],
  generations: string[],
  generation: string,
];

/** Sessions on Redis: each in the slot of one partition. */
export class RedisSessionStore implements SessionStore {
  readonly #link: Link;
  readonly #keys: Keys;
  /** What the sessions of one partition may hold, in bytes. */
  readonly #most: number;

  /** @param bytes what all sessions may hold together */
  constructor(link: Link, keys: Keys, bytes: number = defaultSessionsBytes) {
    this.#link = link;
    this.#keys = keys;
    this.#most = shareOf(bytes, keys.partitions);
  }

  async begin(
    { session, entrypoint, user, keyDigest }: SessionOwner,
    { edge, seq, stored, windowMs }: { edge: string; seq: number; stored: number; windowMs: number },
  ): Promise<{ epoch: number } | { refused: 'full' }> {
    const args = [entrypoint, user, keyDigest, edge, seq, stored, windowMs, this.#most];
    const epoch = await this.#run(beginScript, session, args);
    return epoch === '' ? { refused: 'full' } : { epoch: Number(epoch) };
  }

  async takeOver(
    { session, entrypoint, user, keyDigest }: SessionOwner,
    { edge, lastSeq, windowMs }: { edge: string; lastSeq: number; windowMs: number },
  ): Promise<ResumedSession | TakeOverRefusal> {
    const args = [entrypoint, user, keyDigest, edge, lastSeq, windowMs];
    const raw = (await this.#run(takeOverScript, session, args)) as RawTaken | [TakeOverRefusal['refused']];
    if (raw[0] !== 'taken') return { refused: raw[0] };
    const [, epoch, former, seq, stored, frames, accepted, unanswered, generations, generation] = raw;
    const acceptedFor = new Map(unanswered.map((id, at) => [id, Number(generations[at])] as const));
    return {
      epoch: Number(epoch),
      formerEpoch: Number(former),
      seq: Number(seq),
      stored: Number(stored),
      frames,
      accepted,
      unanswered: accepted.flatMap((id) => {
        const of = acceptedFor.get(id);
        return of === undefined ? [] : [{ id, generation: of }];
      }),
      ...(generation === '' ? {} : { generation: Number(generation) }),
    };
  }

  async write(
    { session, epoch }: SessionHold,
    writes: readonly SessionWrite[],
    { windowMs, messages, bytes }: ResumeBounds,
  ): Promise<SessionWriteResult[]> {
    const args = [epoch, windowMs, messages, bytes, this.#most, ...writes.flatMap(argumentsOf)];
    const raw = await this.#run(writeScript, session, args);
    return Array.isArray(raw) ? raw.map(resultOf) : writes.map(() => resultOf(raw));
  }

  async received({ session, epoch }: SessionHold, seq: number): Promise<void> {
    await this.#run(receivedScript, session, [epoch, seq]);
  }

  async renew(holds: readonly SessionHold[], windowMs: number): Promise<SessionHold[]> {
    const results = await Promise.all(
      holds.map(({ session, epoch }) => this.#run(renewSessionScript, session, [epoch, windowMs])),
    );
    return holds.filter((_, at) => results[at] === held.other_edge);
  }

  async end({ session, epoch }: SessionHold): Promise<void> {
    await this.#run(endSessionScript, session, [epoch]);
  }

  unavailable(): string | undefined {
    return this.#link.parts.unavailable();
  }

  #run(script: Script, session: string, args: readonly (string | number)[]): Promise<unknown> {
    return this.#link.script(script, this.#keys.session(session), args);
  }
}

function argumentsOf(write: SessionWrite): (string | number)[] {
  if (write.kind === 'accept') return ['accept', write.id, write.generation];
  const { seq, stored, frame, answered = '' } = write.message;
  return ['keep', seq, stored, frame, answered];
}

function resultOf(code: unknown): SessionWriteResult {
  const found = Object.entries(held).find(([, value]) => value === code);
  if (found === undefined) throw new Error(`a script of the sessions answered ${String(code)}`);
  return found[0] as SessionWriteResult;
}
