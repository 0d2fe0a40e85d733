/**
 * Puts together what a deployable needs to run, and nothing else: built packages, production dependencies, and a list of them (SBOM).
 *
 * Usage: node scripts/assemble.ts OUT WORKSPACE…, such as `node scripts/assemble.ts out services/edge`, after `npm run build`. Then
 * `node OUT/services/edge/dist/main.js` runs without this repository.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { allWorkspaces, neededBy } from './image/needed.ts';
import { removeUnread } from './image/unread.ts';

const root = join(import.meta.dirname, '..');
const [out, ...wanted] = process.argv.slice(2);
if (out === undefined || wanted.length === 0) throw new Error('usage: node scripts/assemble.ts OUT WORKSPACE…');

const workspaces = allWorkspaces(root);
const needed = neededBy(wanted, workspaces);
rmSync(out, { recursive: true, force: true });
for (const file of ['package-lock.json', '.npmrc', 'LICENSE', ...[...needed].map((folder) => join(folder, 'dist'))])
  copy(file);
// What is not named here is left out by npm, which takes the versions of the rest from the lockfile.
const { name, version, license, type, overrides } = manifest('package.json');
write('package.json', { name, private: true, version, license, type, overrides, workspaces: [...needed] });
for (const folder of needed) {
  const {
    devDependencies: _dev,
    peerDependencies: _peer,
    peerDependenciesMeta: _meta,
    ...rest
  } = manifest(`${folder}/package.json`);
  write(`${folder}/package.json`, rest);
}
// No package runs a script of its own: none of them needs to, and none shall.
npm('ci', '--omit=dev', '--omit=peer', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error');
writeFileSync(join(out, 'sbom.cdx.json'), npm('sbom', '--sbom-format=cyclonedx', '--omit=dev'));
for (const file of ['package-lock.json', '.npmrc', 'node_modules/.package-lock.json']) rmSync(join(out, file));
removeUnread(out);
console.log(`${out}: ${wanted.join(', ')} with ${needed.size - wanted.length} packages of this repository`);

type Manifest = Record<string, unknown>;

function manifest(path: string): Manifest {
  return JSON.parse(readFileSync(join(root, path), 'utf8')) as Manifest;
}

function write(path: string, content: Manifest): void {
  writeFileSync(join(out as string, path), `${JSON.stringify(content, null, 2)}\n`);
}

function copy(path: string): void {
  const to = join(out as string, path);
  mkdirSync(dirname(to), { recursive: true });
  cpSync(join(root, path), to, { recursive: true, filter: (file) => !file.endsWith('.built-from') });
}

function npm(...args: string[]): string {
  return execFileSync('npm', args, { cwd: out as string, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}
