/**
 * `npm run test:faults`: runs all rows of `e2e/test/faults`, prints the table, and writes it into `docs/reliability.md`.
 *
 * `--times N`: so many times in a row. Anything else goes on to Vitest (a file, `-t 'part of a name'`): then the table is printed only.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readResults } from './row-result.ts';
import { tableOf, withTable } from './table.ts';

const root = join(import.meta.dirname, '../../..');
const document = join(root, 'docs/reliability.md');
/** Rows side by side: they wait more than they work. */
const atOnce = 2;

const { values, positionals } = parseArgs({
  options: { times: { type: 'string', default: '1' }, t: { type: 'string', short: 't' } },
  allowPositionals: true,
});
const part = [...positionals, ...(values.t === undefined ? [] : ['-t', values.t])];
const dir = mkdtempSync(join(tmpdir(), 'reveille-fault-results-'));
const file = join(dir, 'results.jsonl');
let failed = false;

for (let run = 0; run < Number(values.times); run++) {
  const vitest = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--project', 'e2e', '--maxWorkers=1'];
  const rows = positionals.length === 0 ? ['e2e/test/faults'] : [];
  const { status } = spawnSync(process.execPath, [...vitest, `--maxConcurrency=${atOnce}`, ...rows, ...part], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, REVEILLE_FAULT_RESULTS: file },
  });
  failed ||= status !== 0;
}

const results = existsSync(file) ? readResults(readFileSync(file, 'utf8')) : [];
const table = tableOf(results);
console.log(`\n${table}\n`);
const survived = !failed && results.length > 0 && results.every((one) => one.survived);
if (survived && part.length === 0) {
  writeFileSync(document, withTable(readFileSync(document, 'utf8'), table));
  console.log('written into docs/reliability.md');
}
console.log(survived ? 'all rows survived' : `not all rows survived; their histories are in ${dir}`);
if (!survived) process.exitCode = 1;
else if (process.env['REVEILLE_FAULT_KEEP'] !== 'all') rmSync(dir, { recursive: true, force: true });
else console.log(`their histories are in ${dir}`);
