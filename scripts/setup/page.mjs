import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { run, say } from './run.mjs';

/** What the built page is made of: its own folder, and the packages whose source goes into it. */
const SOURCES = [
  'packages/page/src',
  'packages/page/index.html',
  'packages/page/package.json',
  'packages/page/vite.config.ts',
  'packages/client/src',
  'packages/contracts/src/close-code.ts',
];

/** Builds the page that the edge serves, unless it was built from exactly these sources. */
export function ensurePage(root) {
  const folder = join(root, 'packages/page');
  const record = join(folder, 'dist/app/.built-from');
  const digest = digestOf(root);
  if (existsSync(record) && readFileSync(record, 'utf8') === digest) return;
  say('building the page ...');
  const bin = join(root, 'node_modules/.bin');
  // The project's own Node, which may be another than the one that runs this.
  run(join(bin, 'node'), [join(root, 'node_modules/vite/bin/vite.js'), 'build', '--logLevel=error'], { cwd: folder });
  writeFileSync(record, digest);
}

/** Of contents and names, since file times say nothing after a checkout. */
function digestOf(root) {
  const hash = createHash('sha256');
  for (const path of SOURCES.flatMap((source) => filesIn(join(root, source))).sort()) {
    hash
      .update(`${relative(root, path).split(sep).join('/')}\0`)
      .update(readFileSync(path))
      .update('\0');
  }
  return hash.digest('hex');
}

function filesIn(path) {
  if (!existsSync(path)) return [];
  let entries;
  try {
    entries = readdirSync(path, { withFileTypes: true });
  } catch (error) {
    if (error.code === 'ENOTDIR') return [path];
    throw error;
  }
  return entries.flatMap((entry) => {
    const inside = join(path, entry.name);
    return entry.isDirectory() ? filesIn(inside) : [inside];
  });
}
