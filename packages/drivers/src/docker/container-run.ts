import type { IncomingMessage } from 'node:http';
import type { Endpoint } from '@reveille/contracts';
import { sleep } from '@reveille/lifecycle';
import type { Exit, Running } from '@reveille/orchestration';
import { LOG_LINES, LogRing } from '../log/log-ring.ts';
import { outOfMemory } from '../out-of-memory.ts';
import type { Container, Containers } from './containers.ts';
import type { Engine } from './engine.ts';
import { LogFrames } from './log-frames.ts';

/** Pause before the Engine is asked again after it ended a connection or could not be reached, milliseconds. */
const ASK_AGAIN_MS = 250;
/** How long the last lines of an ended container may take, milliseconds. */
const DRAIN_MS = 2000;

export interface ContainerRun extends Running {
  readonly id: string;
  readonly ended: boolean;
}

/**
 * Follows a container: its output, and its end as the Engine tells it. An Engine that is away says nothing about its containers, so
 * it is asked again until it answers. `exited` resolves after the last lines were read; with nulls when the container is gone.
 */
export function followContainer(of: {
  engine: Engine;
  containers: Containers;
  id: string;
  name: string;
  endpoint: Endpoint | undefined;
  secrets: readonly string[];
  /** Ends the following. Then `exited` never resolves: nothing is known any more. */
  signal: AbortSignal;
  onError(error: unknown): void;
}): ContainerRun {
  const { engine, containers, id, signal } = of;
  const log = new LogRing({ secrets: of.secrets, onListenerError: of.onError });
  const exit = Promise.withResolvers<Exit>();
  let ended = false;

  const followLog = async (): Promise<void> => {
    const streams = { stdout: log.stream(), stderr: log.stream() };
    let since: number | undefined;
    while (!signal.aborted && !ended) {
      try {
        const query = {
          ...{ follow: 'true', stdout: 'true', stderr: 'true', tail: LOG_LINES.toString() },
          ...(since === undefined ? {} : { since: (since / 1000).toFixed(3) }),
        };
        const answer = await engine.stream({ path: `/containers/${id}/logs`, query, signal });
        await readFrames(answer, (stream, bytes) => streams[stream].push(bytes));
      } catch {
        // Cut off, or the Engine is away: whether the container ended is told by its end and not by its log.
      }
      since = Date.now();
      streams.stdout.flush();
      streams.stderr.flush();
      if (!ended) await sleep(ASK_AGAIN_MS, signal).catch(() => undefined);
      if (!(await containers.inspect(id, signal).catch(() => ({ State: { Running: true } })))?.State.Running) return;
    }
  };

  const awaitEnd = async (): Promise<Exit> => {
    let isAway = false;
    for (;;) {
      signal.throwIfAborted();
      try {
        await (await engine.stream({ method: 'POST', path: `/containers/${id}/wait`, signal })).resume().toArray();
      } catch {
        // The look below tells whether it ended.
      }
      try {
        const found = await containers.inspect(id, signal);
        isAway = false;
        if (found === undefined) return { code: null, signal: null };
        if (!found.State.Running && found.State.Status !== 'created') return exitOf(found);
      } catch (error) {
        // Once for each time that the Engine is away, however long.
        if (!signal.aborted && !isAway) of.onError(error);
        isAway = true;
      }
      await sleep(ASK_AGAIN_MS, signal);
    }
  };

  const drained = followLog();
  awaitEnd().then(
    async (how) => {
      ended = true;
      await Promise.race([drained, sleep(DRAIN_MS, signal).catch(() => undefined)]);
      exit.resolve(how);
    },
    () => undefined,
  );
  return {
    ...{ id, name: of.name, endpoint: of.endpoint, exited: exit.promise },
    get ended() {
      return ended;
    },
    logs: () => log.lines(),
    onLine: (listener) => log.onLine(listener),
  };
}

function exitOf({ State: { ExitCode: code, OOMKilled } }: Container): Exit {
  return { code, signal: null, ...(OOMKilled === true ? { why: outOfMemory } : {}) };
}

async function readFrames(
  answer: IncomingMessage,
  out: (stream: 'stdout' | 'stderr', bytes: Buffer) => void,
): Promise<void> {
  const frames = new LogFrames(out);
  for await (const chunk of answer as AsyncIterable<Buffer>) frames.push(chunk);
}
