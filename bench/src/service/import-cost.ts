/**
 * Imports the modules before `--`, and then measures what importing those after it takes on top: milliseconds, and bytes of resident
 * memory once the garbage is collected. Prints both as one line of JSON. To be run with `--expose-gc`.
 */
import process from 'node:process';

const names = process.argv.slice(2);
const at = names.indexOf('--');

async function importAll(modules: readonly string[]): Promise<void> {
  for (const name of modules) await import(name);
}

function residentBytes(): number {
  globalThis.gc?.();
  return process.memoryUsage.rss();
}

await importAll(names.slice(0, at));
const before = residentBytes();
const began = performance.now();
await importAll(names.slice(at + 1));
const ms = performance.now() - began;
console.log(JSON.stringify({ ms, bytes: residentBytes() - before }));
