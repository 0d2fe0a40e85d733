import { launchRedis } from '@reveille/broker/server';
import type { Figure } from '../measure/figure.ts';
import { interleaved } from '../measure/rounds.ts';
import { spreadOf } from '../measure/samples.ts';
import { StartLine } from '../stage/start-line.ts';

/** Starts under way at once in one initializer, and how long each of them waits: real services are waited for, and cost no processor here. */
const each = { concurrency: 5, waitMs: 1000 } as const;

/** What three initializers start that one does not, where starts are waited for. */
export const hands: Figure = {
  name: 'hands',
  about: 'starts that wait, made by three initializers beside one',
  async measure({ quick, signal }) {
    await using servers = new AsyncDisposableStack();
    const lineOf = async (count: number): Promise<StartLine> =>
      servers.use(await StartLine.open(servers.use(await launchRedis()), {}, { ...each, count }));
    const [three, one] = [await lineOf(3), await lineOf(1)];
    const many = quick ? 30 : 45;
    const rates = await interleaved(
      { rounds: quick ? 1 : 3, warmUp: 1, signal },
      { ours: async () => (await three.start(many)).rate, reference: async () => (await one.start(many)).rate },
    );
    const [ours, value] = [spreadOf(rates.ours), spreadOf(rates.reference)];
    const what = `${each.concurrency} at once in each, each waiting ${each.waitMs} ms`;
    return {
      rows: [
        {
          ...{ figure: 'hands', what: `starts of three initializers, ${what}`, ours, unit: '/s' },
          reference: { what: 'one initializer', value, unit: '/s' },
          ratio: ours.median / value.median,
          target: { is: 'at_least', ratio: 2.5 },
        },
      ],
    };
  },
};
