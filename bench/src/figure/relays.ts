import { sleep } from '@reveille/lifecycle';
import { Heard } from '../measure/heard.ts';
import type { Figure } from '../measure/figure.ts';
import { spreadOf } from '../measure/samples.ts';
import { broadcasting } from '../stage/catalogs.ts';
import { startDeployable } from '../stage/deployable.ts';
import { Stage } from '../stage/stage.ts';

const sockets = { full: 100, quick: 20 } as const;
const rounds = { full: 4, quick: 2 } as const;
/** Pause between two reports of the service, and for how long it reports before and after the kill, milliseconds. */
const everyMs = 250;
const beforeMs = 1500;
const afterMs = 6000;
const allowedMs = 3000;

/** What those who wait hear when one of two relays is killed: how long nothing, whether all of it, and nothing twice. */
export const relays: Figure = {
  name: 'relays',
  about: 'one of two relays is killed while a start is told to those who wait',
  async measure({ quick, signal }) {
    const size = quick ? sockets.quick : sockets.full;
    await using stage = await Stage.open(broadcasting);
    await using parts = new AsyncDisposableStack();
    const more = async (): Promise<number> => {
      const { program } = await startDeployable('relay', { ...stage.environment });
      return parts.use(program).pid;
    };
    const running = [stage.programs.relay.pid, await more()];
    const heard = parts.use(await Heard.gather({ url: `${stage.url}/v1/connect/chat`, size, signal }));
    const { pid: service } = await stage.starts.first('never', signal);
    const gaps: number[] = [];
    let step = 0;
    const report = async (forMs: number): Promise<void> => {
      for (const until = performance.now() + forMs; performance.now() < until; await sleep(everyMs, signal)) {
        step += 1;
        process.kill(service, 'SIGUSR2');
      }
    };
    for (let round = 0; round < (quick ? rounds.quick : rounds.full); round += 1) {
      await report(beforeMs);
      heard.begin();
      process.kill(running.shift() ?? 0, 'SIGKILL');
      await report(afterMs);
      await heard.all(`step ${step}`, signal);
      gaps.push(heard.longestGapMs);
      running.push(await more());
    }
    const ours = spreadOf(gaps);
    const value = spreadOf(gaps.map(() => allowedMs));
    const { doubled } = heard;
    if (doubled > 0) throw new Error(`${doubled} frames were told twice`);
    return {
      rows: [
        {
          ...{
            figure: 'relays',
            what: `one of two relays killed: longest silence of ${size} who wait`,
            ours,
            unit: 'ms',
          },
          reference: { what: 'what is allowed', value, unit: 'ms' },
          ratio: Math.max(...gaps) / allowedMs,
          target: { is: 'at_most', ratio: 1, words: 'none above 3 s' },
        },
      ],
      notes: [
        `In ${gaps.length} kills of a relay, with a report each ${everyMs} ms, every socket heard of the last one, and none heard anything twice (${heard.frames} frames). The longest silence was ${Math.round(Math.max(...gaps))} ms.`,
      ],
    };
  },
};
