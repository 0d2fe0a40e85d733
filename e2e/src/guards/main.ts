/**
 * `npm run test:guards`: takes out each guard of `e2e/guards.json` in a copy of the sources and needs its test to fail, and to pass
 * before. Arguments: parts of guards' names; without any, all. A guard whose text is not there (any more) is an error.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SourceCopy } from './copy.ts';
import { type Guard, readGuards, withoutGuard } from './guard.ts';
import { runTest } from './run-test.ts';

const root = join(import.meta.dirname, '../../..');
const wanted = process.argv.slice(2);
const all = readGuards(root);
const guards = all.filter(({ guard }) => wanted.length === 0 || wanted.some((part) => guard.includes(part)));
if (guards.length === 0) throw new Error(`no guard is called ${wanted.join(' or ')}`);
// All texts are looked for before anything runs.
for (const guard of all) withoutGuard(guard, readFileSync(join(root, guard.file), 'utf8'));

using copy = new SourceCopy(root);
const faults: string[] = [];
const greenBefore = new Set<string>();

for (const guard of guards) {
  const began = performance.now();
  const fault = faultOf(guard);
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.log(`${fault === undefined ? 'red   ' : 'FAILED'}  ${guard.invariant}  ${guard.guard} (${seconds} s)`);
  if (fault === undefined) continue;
  console.log(`        ${fault}`);
  faults.push(guard.guard);
}
console.log(`${guards.length - faults.length} of ${guards.length} guards are missed when they are taken out`);
if (faults.length > 0) process.exitCode = 1;

/** Undefined: its test fails without it. */
function faultOf(guard: Guard): string | undefined {
  const { file, test } = guard;
  if (!greenBefore.has(JSON.stringify(test))) {
    const before = runTest(copy.dir, test);
    if (before.kind !== 'green') return `${test.file} is ${before.kind} with the guard in its place`;
    greenBefore.add(JSON.stringify(test));
  }
  const path = join(copy.dir, file);
  const source = readFileSync(path, 'utf8');
  writeFileSync(path, withoutGuard(guard, source));
  try {
    const without = runTest(copy.dir, test);
    if (without.kind === 'red') return undefined;
    if (without.kind === 'broken') return `${test.file} cannot be run without it:\n${without.printed}`;
    return `${test.file} passes without it`;
  } finally {
    writeFileSync(path, source);
  }
}
