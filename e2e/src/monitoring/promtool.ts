import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const command = process.env['REVEILLE_PROMTOOL'] || 'promtool';
const run = promisify(execFile);
const isMissing = await run(command, ['--version']).then(
  () => false,
  (error: { code?: unknown }) => error.code === 'ENOENT',
);

/**
 * Whether tests that need `promtool` are left out: `scripts/setup/promtool.mjs` makes sure of it where it can. Where CI runs them, a
 * missing promtool is a failure and no reason to leave them out.
 */
export const withoutPromtool = isMissing && !process.env['CI'];

/** @returns what it said @throws Error with what it said, when it found a fault */
export async function promtool(...args: string[]): Promise<string> {
  const { stdout, stderr } = await run(command, args).catch((error: Error & { stdout?: string }) => {
    throw new Error(`${error.message}\n${error.stdout ?? ''}`, { cause: error });
  });
  return stdout + stderr;
}
