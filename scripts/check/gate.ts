import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** One thing that has to be in order before a change may go in. */
export interface Gate {
  readonly name: string;
  /** Program and arguments, run in the root; programs of the project's own dependencies come first. */
  readonly command: readonly [string, ...string[]];
}

/** What can be said without running anything, quickest first. */
export const lintGates: readonly Gate[] = [
  { name: 'tidy', command: ['node', 'scripts/tidy.ts'] },
  { name: 'floors', command: ['node', 'scripts/floors.ts'] },
  { name: 'lint', command: ['oxlint'] },
  { name: 'format', command: ['prettier', '--check', '.'] },
  { name: 'unused', command: ['knip', '--no-config-hints'] },
];

/** The whole tree at once, which takes no longer than its largest package alone; and what runs in browsers, where other things are global. */
export const typecheckGates: readonly Gate[] = [
  { name: 'typecheck', command: ['tsc', '-p', 'tsconfig.json'] },
  { name: 'typecheck of the page', command: ['tsc', '-p', 'packages/page/tsconfig.json'] },
];

export const root = join(import.meta.dirname, '../..');

/** Runs one gate to its end and says how it went; shows what it printed only when it failed. */
export function passes(gate: Gate): boolean {
  const [program, ...args] = gate.command;
  const began = performance.now();
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd: root,
    env: { ...process.env, PATH: `${join(root, 'node_modules/.bin')}:${process.env['PATH']}` },
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
  });
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  if (status === 0) {
    console.log(`ok      ${gate.name} (${seconds} s)`);
    return true;
  }
  console.log(`FAILED  ${gate.name} (${seconds} s): ${gate.command.join(' ')}`);
  const printed = [error?.message, stdout, stderr].filter((text) => text !== undefined && text.trim() !== '');
  console.log(`${printed.join('\n').trimEnd()}\n`);
  return false;
}
