import type { Endpoint } from '@reveille/contracts';
import { raceAbort, sleep } from '@reveille/lifecycle';
import type { Exit, Running } from '@reveille/orchestration';
import { LOG_LINES, LogRing } from '../log/log-ring.ts';
import { StampedLines } from '../log/stamped-lines.ts';
import type { ApiServer } from './api-server.ts';
import type { Pod } from './kube-object.ts';
import { secretsOfPod } from './pod-secrets.ts';
import { containerOf, stateOf, whyEnded } from './pod-state.ts';
import type { PodWatch } from './pod-watch.ts';

/** Pause before a log that was cut off or is not there yet is asked for again, milliseconds. */
const LOG_AGAIN_MS = 1000;
/** How long the last lines of an ended pod may take, milliseconds. */
const DRAIN_MS = 2000;

export interface PodRun extends Running {
  readonly uid: string | undefined;
  readonly ended: boolean;
}

/**
 * Follows the pods of a run: their output, and the end of the last of them (of the one that the endpoint names, when it is a pod's).
 * A cluster that is away says nothing about its pods; `exited` waits for it.
 */
export function followPods(of: {
  api: ApiServer;
  watch: PodWatch;
  namespace: string;
  runHash: string;
  name: string;
  endpoint: Endpoint | undefined;
  /** The run is this pod; undefined: all pods of the run, whichever answers behind their Service. */
  pod: Pod | undefined;
  secrets: readonly string[];
  /** The Secret of the run. */
  secret: string;
  /** Ends the following. Then `exited` never resolves: nothing is known any more. */
  signal: AbortSignal;
  onError(error: unknown): void;
}): PodRun {
  const { watch, signal } = of;
  const log = new LogRing({ secrets: of.secrets, onListenerError: of.onError });
  const exit = Promise.withResolvers<Exit>();
  const over = new AbortController();
  let last: Pod | undefined = of.pod;

  const pods = (): Pod[] =>
    watch.pods(of.runHash).filter(({ metadata }) => of.pod === undefined || metadata.uid === of.pod.metadata.uid);
  const alive = (): Pod | undefined => pods().find((pod) => stateOf(pod).is !== 'ended');

  const look = (): void => {
    const found = pods();
    last = found[0] ?? last;
    if (alive() !== undefined || over.signal.aborted) return;
    const state = found.map(stateOf).find(({ is }) => is === 'ended');
    over.abort();
    stopLooking();
    void Promise.race([drained, sleep(DRAIN_MS, signal).catch(() => undefined)]).then(() => {
      if (signal.aborted) return;
      // One that was deleted with its node has no end to show; what it was last heard of says why.
      const unseen = { code: null, signal: null, ...(last && whyEnded(last)) };
      exit.resolve(state?.is === 'ended' ? state.exit : unseen);
    });
  };
  const hidden = new Set<string>();
  /** A log is read only when what must not show in it is known. */
  const hideSecrets = async (pod: Pod): Promise<boolean> => {
    const uid = pod.metadata.uid ?? '';
    if (hidden.has(uid)) return true;
    try {
      log.hide(await secretsOfPod({ api: of.api, namespace: of.namespace, pod, own: of.secret, signal }));
      hidden.add(uid);
      return true;
    } catch {
      return false;
    }
  };
  const followLog = async (): Promise<void> => {
    const read = new Set<string>();
    const times = new Map<string, string>();
    while (!signal.aborted) {
      const pod = alive() ?? last;
      if (pod === undefined) return;
      const uid = pod.metadata.uid ?? '';
      const hasEnded = stateOf(pod).is === 'ended' || over.signal.aborted;
      const isRead = read.has(uid);
      if (!isRead && (await hideSecrets(pod)) && (await readLog(of, pod, log, times))) read.add(uid);
      if (hasEnded) return;
      if (alive() === undefined && read.has(uid)) return;
      // Whether it ended is told by the watch, a moment after its log has ended.
      await sleep(LOG_AGAIN_MS, AbortSignal.any([signal, over.signal])).catch(() => undefined);
      if (!over.signal.aborted) read.delete(uid);
    }
  };
  const stopLooking = watch.onChange(look);
  signal.addEventListener('abort', stopLooking, { once: true });
  const drained = followLog();
  look();
  return {
    ...{ uid: of.pod?.metadata.uid, name: of.name, endpoint: of.endpoint, exited: exit.promise },
    get ended() {
      return over.signal.aborted;
    },
    logs: () => log.lines(),
    onLine: (listener) => log.onLine(listener),
  };
}

/** False when there was none to read yet. `times`: up to when the log of a pod was read before it was cut off. */
async function readLog(
  { api, namespace, signal }: Pick<Parameters<typeof followPods>[0], 'api' | 'namespace' | 'signal'>,
  pod: Pod,
  log: LogRing,
  times: Map<string, string>,
): Promise<boolean> {
  const container = containerOf(pod);
  const status = pod.status?.containerStatuses?.find(({ name }) => name === container);
  // Of a container that was started again the words of the first count.
  const isAgain = status?.lastState?.terminated !== undefined && status.state?.running !== undefined;
  const query = {
    ...{ container, follow: 'true', timestamps: 'true', tailLines: LOG_LINES.toString() },
    ...(isAgain ? { previous: 'true' } : {}),
  };
  const { name, uid = '' } = pod.metadata;
  const out = log.stream();
  const lines = new StampedLines((bytes) => out.push(bytes), times.get(uid));
  try {
    const answer = await raceAbort(
      api.stream({ verb: 'get', kind: 'Pod', namespace, name, subresource: 'log', query, signal }),
      signal,
    );
    for await (const chunk of answer as AsyncIterable<Buffer>) lines.push(chunk);
    return true;
  } catch {
    // Not started yet, cut off, or gone with its pod.
    return false;
  } finally {
    if (lines.last !== undefined) times.set(uid, lines.last);
    out.flush();
  }
}
