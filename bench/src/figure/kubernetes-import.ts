import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Figure } from '../measure/figure.ts';
import { spreadOf } from '../measure/samples.ts';

const script = fileURLToPath(new URL('../service/import-cost.ts', import.meta.url));
/** What an initializer has loaded anyway, before any driver. */
const base = ['@reveille/contracts', '@reveille/orchestration', '@reveille/lifecycle'];
const driver = fileURLToPath(
  new URL('../../../packages/drivers/dist/kubernetes/kubernetes-driver.js', import.meta.url),
);
const client = { name: '@kubernetes/client-node', at: import.meta.resolve('@kubernetes/client-node') };
const megabyte = 1 / 1_048_576;

type Cost = { ms: number; bytes: number };

/** What importing our driver adds to an initializer, beside the client library of Kubernetes for Node. */
export const kubernetesImport: Figure = {
  name: 'kubernetes-import',
  about: 'what importing the kubernetes driver adds to an initializer, beside @kubernetes/client-node',
  async measure({ quick, signal }) {
    const [ours, theirs]: [Cost[], Cost[]] = [[], []];
    for (let round = quick ? 0 : -1; round < (quick ? 3 : 15); round += 1) {
      const costs = [await importCost(driver, signal), await importCost(client.at, signal)] as const;
      if (round < 0) continue;
      ours.push(costs[0]);
      theirs.push(costs[1]);
    }
    const row = (what: string, unit: 'ms' | 'MB', of: (cost: Cost) => number) => {
      const [mine, value] = [spreadOf(ours.map(of)), spreadOf(theirs.map(of))];
      return {
        ...{ figure: 'kubernetes-import', what: `kubernetes driver, ${what}`, ours: mine, unit },
        reference: { what: client.name, value, unit },
        ratio: mine.median / value.median,
        target: { is: 'at_most', ratio: 0.1 },
      } as const;
    };
    return {
      rows: [
        row('time to import', 'ms', ({ ms }) => ms),
        row('memory once imported', 'MB', ({ bytes }) => bytes * megabyte),
      ],
    };
  },
};

/** In a process of its own, which resolves our packages to what is built. */
async function importCost(module: string, signal: AbortSignal): Promise<Cost> {
  const args = ['--expose-gc', script, ...base, '--', module];
  const { stdout } = await promisify(execFile)(process.execPath, args, { signal });
  return JSON.parse(stdout) as Cost;
}
