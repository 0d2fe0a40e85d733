import { spawnSync } from 'node:child_process';

/** Setup cannot go on, and the message says what a person has to do. */
export class SetupRefused extends Error {}

/** Standard output belongs to the command that setup goes before, so every word of setup goes to standard error. */
export function say(message) {
  process.stderr.write(`reveille setup: ${message}\n`);
}

/**
 * Runs a command to its end, quietly. What it printed is shown only when it fails.
 * @throws {SetupRefused} when it cannot be started, is killed, or exits with another status than 0.
 */
export function run(command, args, options = {}) {
  const result = spawnSync(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    ...options,
  });
  if (result.status === 0) return result.stdout;
  const printed = [result.stdout, result.stderr].filter(Boolean).join('\n').trim();
  if (printed) process.stderr.write(`${printed}\n`);
  const how = result.error ? result.error.message : (result.signal ?? `exit status ${result.status}`);
  throw new SetupRefused(`\`${[command, ...args].join(' ')}\` failed (${how}).`);
}
