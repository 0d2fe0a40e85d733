import { launchRedis } from '@reveille/broker/server';
import type { Figure } from '../measure/figure.ts';
import { interleaved } from '../measure/rounds.ts';
import { meanOf, spreadOf } from '../measure/samples.ts';
import { StartLine } from '../stage/start-line.ts';

/** How many starts an initializer makes whose driver does nothing, beside jobs of BullMQ that do nothing. */
export const starts: Figure = {
  name: 'starts',
  about: 'starts per second with a driver that does nothing, beside BullMQ single adds',
  async measure({ quick, signal }) {
    await using server = await launchRedis();
    await using line = await StartLine.open(server);
    const many = quick ? 300 : 1500;
    const commits: number[] = [];
    const rates = await interleaved(
      { rounds: quick ? 2 : 5, warmUp: 1, signal },
      {
        ours: async () => {
          const { rate, commitsEach } = await line.start(many);
          commits.push(commitsEach);
          return rate;
        },
        reference: () => line.jobsPerSecond(many),
      },
    );
    const [ours, value] = [spreadOf(rates.ours), spreadOf(rates.reference)];
    return {
      rows: [
        {
          ...{ figure: 'starts', what: 'starts with a driver that does nothing, want → ready', ours, unit: '/s' },
          reference: { what: 'BullMQ, single adds → processed', value, unit: '/s' },
          ratio: ours.median / value.median,
          target: { is: 'at_least', ratio: 0.25 },
        },
      ],
      notes: [
        `One start is ${meanOf(commits).toFixed(2)} commits of the ledger, whoever waits for it (${many} users at once, one initializer).`,
      ],
    };
  },
};
