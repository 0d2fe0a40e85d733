import type { InstanceView } from '@reveille/admin';
import { sleep } from '@reveille/lifecycle';
import type { Ending } from '../cli/ending.ts';
import { watchStops } from '../cli/stops.ts';
import type { Terminal } from '../cli/terminal.ts';
import { printableLine } from '../render/printable.ts';

/** Often enough to see each state of a start. */
const everyMs = 250;

/** What is followed: the name that people read, and its record once there is one. */
export type Followed = { name: string; state: string; generation: number; record?: InstanceView | undefined };

/**
 * Looks again and again, tells each change on standard error, and ends with what `verdict` says of a look, or with Ctrl-C or the time
 * that was given.
 */
export async function follow(of: {
  look: () => Promise<readonly Followed[]>;
  verdict: (looked: readonly Followed[]) => Ending | undefined;
  timeoutMs: number | undefined;
  terminal: Terminal;
}): Promise<Ending> {
  const { look, verdict, terminal } = of;
  const over = new AbortController();
  let ending: Ending | undefined;
  using _stops = watchStops(of.timeoutMs, (given) => {
    ending ??= given;
    over.abort();
  });
  const told = new Map<string, string>();
  while (ending === undefined) {
    const looked = await look();
    for (const one of looked) {
      const words = wordsOf(one);
      if (told.get(one.name) === words) continue;
      told.set(one.name, words);
      terminal.err(`${printableLine(one.name)}: ${words}\n`);
    }
    ending ??= verdict(looked);
    if (ending === undefined) await sleep(everyMs, over.signal).catch(() => undefined);
  }
  return ending;
}

function wordsOf({ state, record }: Followed): string {
  const { progress, failure, endpoint } = record ?? {};
  if (state === 'failed' && failure !== undefined) return `failed: ${failure.code}: ${printableLine(failure.message)}`;
  if (state === 'ready') return endpoint === undefined ? 'ready' : `ready at ${endpoint}`;
  if (state !== 'starting' || progress === undefined) return state;
  const percent = progress.percent === undefined ? '' : ` ${Math.round(progress.percent)} %`;
  return `starting: ${printableLine(progress.phase)}${progress.detail === undefined ? '' : `: ${printableLine(progress.detail)}`}${percent}`;
}
