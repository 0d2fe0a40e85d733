import { sleep } from '@reveille/lifecycle';
import type { StopOutcome } from '@reveille/orchestration';
import type { MarkedProcess, ProcessTable } from './process-table.ts';
import { signalGroup } from './signal-group.ts';

/** How long the kernel may take to remove what was killed. Only a process stuck in a system call takes longer. */
const KILLED_MS = 5000;

/** Pauses between looks at what is left. */
const LOOK_MS = { first: 4, last: 100 } as const;

/** The part of a run that this process knows without looking. */
export type KnownPart = { group: number; markText: string; exited: Promise<unknown> };

type Ending = { done: Promise<StopOutcome>; hurry(graceMs: number): void };

/**
 * Ends runs: SIGTERM, grace, SIGKILL, then a look that nothing is left. What belongs to a run is its process group and
 * every process with its mark, whoever started it. A run is asked to end once, however many want it: a second SIGTERM makes
 * many programs drop what they are finishing.
 */
export class RunEnder {
  readonly #table: ProcessTable;
  readonly #prefix: string;
  readonly #endings = new Map<string, Ending>();

  /** `prefix`: what the marks of this deployment on this host begin with. */
  constructor(table: ProcessTable, prefix: string) {
    this.#table = table;
    this.#prefix = prefix;
  }

  /** The ending of a run of this name, if there is one under way. */
  underWay(name: string): Promise<StopOutcome> | undefined {
    return this.#endings.get(name)?.done;
  }

  /** Joins an ending that is under way; a shorter grace than the one that is left shortens it. Never rejects. */
  end(name: string, graceMs: number, known?: KnownPart): Promise<StopOutcome> {
    const underWay = this.#endings.get(name);
    if (underWay !== undefined) {
      underWay.hurry(graceMs);
      return underWay.done;
    }
    const patience = new AbortController();
    const timers: NodeJS.Timeout[] = [];
    const hurry = (ms: number): void => void timers.push(setTimeout(() => patience.abort(), ms));
    hurry(graceMs);
    const done = this.#end(name, patience.signal, known)
      .catch((error: unknown) => ({
        stopped: false as const,
        reason: `the processes of ${name} cannot be read: ${error}`,
      }))
      .finally(() => {
        for (const timer of timers) clearTimeout(timer);
        this.#endings.delete(name);
      });
    this.#endings.set(name, { done, hurry });
    return done;
  }

  async #end(name: string, patience: AbortSignal, known: KnownPart | undefined): Promise<StopOutcome> {
    const groups = new Set<number>();
    const marks = new Set<string>();
    const ask = (group: number): void => {
      if (groups.has(group)) return;
      groups.add(group);
      signalGroup(group, 'SIGTERM');
    };
    if (known !== undefined) {
      marks.add(known.markText);
      ask(known.group);
    }
    for (const found of await this.#table.marked(this.#prefix)) {
      if (found.mark.name !== name) continue;
      marks.add(found.markText);
      ask(found.group);
    }
    if (groups.size === 0) return { stopped: true };

    const left = (): Promise<number[]> => this.#left(groups, marks);
    if (known !== undefined) await Promise.race([known.exited, aborted(patience)]);
    if ((await waitUntilNone(left, patience)).length === 0) return { stopped: true };
    for (const group of groups) signalGroup(group, 'SIGKILL');
    const stuck = await waitUntilNone(left, AbortSignal.timeout(KILLED_MS), () => {
      for (const group of groups) signalGroup(group, 'SIGKILL');
    });
    if (stuck.length === 0) return { stopped: true };
    return { stopped: false, reason: `processes ${stuck.join(', ')} of ${name} are still there after SIGKILL` };
  }

  /** Pids of what is left of the groups and, when they are empty, of marked processes that have left them. */
  async #left(groups: Set<number>, marks: ReadonlySet<string>): Promise<number[]> {
    const there = [...groups].filter((group) => signalGroup(group, 0));
    const members = (await Promise.all(there.map((group) => this.#table.members(group)))).flat();
    if (members.length > 0) return members;
    const strays = (await this.#table.marked(this.#prefix)).filter(({ markText }) => marks.has(markText));
    for (const { group } of strays) groups.add(group);
    return strays.map(({ pid }: MarkedProcess) => pid);
  }
}

/** What is still left when `patience` is over. Looks at least once. */
async function waitUntilNone(
  left: () => Promise<number[]>,
  patience: AbortSignal,
  between: () => void = () => undefined,
): Promise<number[]> {
  let pauseMs: number = LOOK_MS.first;
  for (;;) {
    const pids = await left();
    if (pids.length === 0 || patience.aborted) return pids;
    between();
    await sleep(pauseMs, patience).catch(() => undefined);
    pauseMs = Math.min(pauseMs * 2, LOOK_MS.last);
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
