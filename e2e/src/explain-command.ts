import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Cluster } from './cluster.ts';

const program = fileURLToPath(new URL('../../packages/cli/bin/reveille.js', import.meta.url));

/** What `reveille explain` with these arguments prints about a cluster. */
export async function explainCommand(cluster: Cluster, ...args: string[]): Promise<string> {
  const { REDIS_URL, REVEILLE_NAMESPACE } = cluster.env;
  const env = { PATH: process.env['PATH'], REDIS_URL, REVEILLE_NAMESPACE };
  return (await promisify(execFile)(process.execPath, [program, 'explain', ...args], { env })).stdout;
}
