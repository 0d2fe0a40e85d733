import { clientSubprotocol } from '@reveille/contracts';
import { sleep } from '@reveille/lifecycle';
import { Crowd } from '../measure/crowd.ts';
import type { Figure } from '../measure/figure.ts';
import { openFilesLimit, processorMs, residentBytes } from '../measure/process-cost.ts';
import { scaled, spreadOf } from '../measure/samples.ts';
import { startBareServer } from '../reference/bare-server.ts';
import * as catalogs from '../stage/catalogs.ts';
import { Stage } from '../stage/stage.ts';

const sessions = { full: 10_000, quick: 500 } as const;
/** Files that an edge has open beside the sockets of its sessions. */
const filesBeside = 100;
/** Every session is asked for a sign of life in this time, twice (`REVEILLE_HEARTBEAT`). */
const restMs = { full: 31_000, quick: 2_000 } as const;

/** Ten thousand sessions on one edge, all of them there after two heartbeats. */
export const idle: Figure = {
  name: 'idle',
  about: '10,000 sessions that say nothing, on one edge, beside bare ws sockets',
  async measure({ quick, signal, say }) {
    const size = quick ? sessions.quick : sessions.full;
    await using stage = await Stage.open(catalogs.idle);
    const { pid } = stage.programs.edge;
    // A session that talks has a socket on either side of the edge, one that waits has one.
    const talking = Math.min(size, openFilesLimit(pid) - filesBeside - size);
    const come = (name: string, of: { size: number; answer: string }): Promise<Crowd> => {
      const frame = (index: number): string => {
        const as = { user: `${name}-${index}`, tenant: 'bench' };
        return JSON.stringify({ type: 'hello', as, client: { name: 'bench', version: '1' } });
      };
      const url = `${stage.url}/v1/connect/${name}`;
      const hello = { frame, answer: of.answer };
      return Crowd.gather({ url, protocols: [clientSubprotocol], size: of.size, hello, signal });
    };
    const served = '"initialization_completed"';
    // The first users start the services: that belongs to the rest, and not to the sessions.
    await using first = await come('chat', { size: 1, answer: served });
    await using firstWaits = await come('waiting', { size: 1, answer: '"initialization_started"' });
    const before = residentBytes(pid);
    await using talks = await come('keep', { size: talking, answer: served });
    await using waits = await come('waiting', { size: size - talking, answer: '"initialization_started"' });
    say(`idle: ${talks.open} sessions talk, ${waits.open} wait`);

    const [restedAt, rested] = [performance.now(), processorMs(pid)];
    await sleep(quick ? restMs.quick : restMs.full, signal);
    const busy = (processorMs(pid) - rested) / (performance.now() - restedAt);
    const after = residentBytes(pid);
    const open = talks.open + waits.open;
    if (open !== size || first.open + firstWaits.open !== 2) throw new Error(`${size - open} sessions were closed`);

    await using bare = await startBareServer();
    const bareBefore = residentBytes(bare.program.pid);
    // Half as many: this process has files to be counted too.
    await using raw = await Crowd.gather({ url: bare.url, protocols: [], size: size / 2, signal });
    const perSocket = (residentBytes(bare.program.pid) - bareBefore) / raw.open;
    const ours = scaled(spreadOf([(after - before) / size]), 1 / 1024);
    const value = scaled(spreadOf([2 * perSocket]), 1 / 1024);
    return {
      rows: [
        {
          ...{ figure: 'idle', what: `edge, per session with ${size} of them`, ours, unit: 'KB' },
          reference: { what: 'two bare ws sockets', value, unit: 'KB' },
          ratio: ours.median / value.median,
          target: { is: 'at_most', ratio: 1.5 },
        },
      ],
      notes: [
        `${size} sessions on one edge, ${talking} with an upstream and ${size - talking} that wait: all there after two heartbeats; ${(after / 1_048_576).toFixed(0)} MB, ${(busy * 100).toFixed(1)} % of a processor at rest.`,
      ],
    };
  },
};
