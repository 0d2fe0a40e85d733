import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { run, say } from './run.mjs';

/** Installs what the lockfile names, unless exactly that is installed. */
export function ensureDependencies(root) {
  const locked = readPackages(join(root, 'package-lock.json'));
  if (isInstalled(root, locked)) return;
  const nodeVersion = locked['node_modules/node'].version;
  const older = Number(process.versions.node.split('.')[0]) < Number(nodeVersion.split('.')[0]);
  say(`installing dependencies (npm ci${older ? `, with Node ${nodeVersion} from npm` : ''}) ...`);
  const node = older ? temporaryNode(nodeVersion) : undefined;
  try {
    const path = node ? node.bin + delimiter + process.env.PATH : process.env.PATH;
    run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: root,
      env: { ...process.env, PATH: path },
    });
  } finally {
    if (node) rmSync(node.dir, { recursive: true, force: true });
  }
}

/**
 * Compares what npm recorded as installed with the lockfile, package by package: file times say nothing after a
 * checkout. Optional packages may be absent (they belong to other platforms), but not in another version.
 */
function isInstalled(root, locked) {
  const recordPath = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(recordPath) || !existsSync(join(root, 'node_modules', '.bin', 'node'))) return false;
  const installed = readPackages(recordPath);
  return Object.entries(locked).every(([path, wanted]) => {
    if (!path.startsWith('node_modules/')) return true;
    const found = installed[path];
    return found ? found.version === wanted.version : wanted.optional === true;
  });
}

/**
 * npm minds `engines`: run by an older Node it leaves out optional packages, native bindings among them, that refuse
 * that Node. So the install itself runs on the Node that the project will use.
 */
function temporaryNode(version) {
  const dir = mkdtempSync(join(tmpdir(), 'reveille-node-'));
  const manifest = { private: true, dependencies: { node: version }, allowScripts: { node: true } };
  writeFileSync(join(dir, 'package.json'), JSON.stringify(manifest));
  try {
    run('npm', ['install', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'], { cwd: dir });
  } catch (error) {
    rmSync(dir, { recursive: true, force: true });
    throw error;
  }
  return { dir, bin: join(dir, 'node_modules', '.bin') };
}

function readPackages(path) {
  return JSON.parse(readFileSync(path, 'utf8')).packages;
}
