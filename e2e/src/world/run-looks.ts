import { readFileSync } from 'node:fs';
import type { FoundRun } from '../history/entry.ts';
import type { History } from '../history/history.ts';
import { markedProcesses } from '../marked-processes.ts';

const everyMs = 2_000;

/** Looks again and again what runs under the marks of a namespace. */
export class RunLooks implements Disposable {
  readonly #timer: NodeJS.Timeout;

  constructor(namespace: string, history: History) {
    const look = (): void => history.note({ did: 'look', runs: runsOf(namespace) });
    look();
    this.#timer = setInterval(look, everyMs);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}

export function runsOf(namespace: string): FoundRun[] {
  return markedProcesses(namespace).flatMap((pid) => {
    const of = environmentOf(pid);
    const instance = of.get('REVEILLE_INSTANCE');
    const generation = Number(of.get('REVEILLE_GENERATION'));
    // A process that ended while it was looked at has no environment any more.
    return instance === undefined ? [] : [{ pid, instance, generation }];
  });
}

function environmentOf(pid: number): Map<string, string> {
  try {
    const text = readFileSync(`/proc/${pid}/environ`, 'utf8');
    return new Map(
      text.split('\0').map((line) => {
        const at = line.indexOf('=');
        return [line.slice(0, at), line.slice(at + 1)];
      }),
    );
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES') return new Map();
    throw error;
  }
}
