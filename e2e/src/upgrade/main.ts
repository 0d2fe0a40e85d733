/**
 * `npm run test:upgrade`: installs an earlier version from the history of this clone into a temporary folder, and upgrades a deployment of it to
 * this one while users talk and a start is under way. `-- COMMIT` names another version.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../../..');
/** The last version without the admin API, pauses, webhooks and updates of a changed catalog. */
const earlier = '08631e5';
const commit = process.argv[2] ?? earlier;

function isThere(): boolean {
  return spawnSync('git', ['-C', root, 'cat-file', '-e', `${commit}^{commit}`], { stdio: 'ignore' }).status === 0;
}

/** The files alone: nothing is registered with the repository, so nothing of it is left behind. */
function unpackInto(folder: string): void {
  const options = { maxBuffer: 512 * 1024 * 1024 };
  const archive = spawnSync('git', ['-C', root, 'archive', '--format=tar', commit], options);
  const unpacked = spawnSync('tar', ['-x', '-C', folder], { input: archive.stdout });
  if (archive.status !== 0 || unpacked.status !== 0) throw new Error(`${commit} could not be unpacked`);
}

function rehearse(folder: string): boolean {
  const install = ['ci', '--prefer-offline', '--no-audit', '--no-fund'];
  const installed = spawnSync('npm', install, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  if (installed.status !== 0) throw new Error(`the dependencies of ${commit} could not be installed`);
  const rows = ['--conditions=@reveille/source', join(root, 'e2e/src/rows/main.ts'), 'e2e/test/upgrade'];
  const env = { ...process.env, REVEILLE_UPGRADE_FROM: folder };
  return spawnSync(process.execPath, rows, { cwd: root, stdio: 'inherit', env }).status === 0;
}

if (!isThere()) {
  console.error(`not rehearsed: this clone does not have the commit ${commit} (a shallow clone, or no clone at all)`);
  process.exitCode = 2;
} else {
  const folder = mkdtempSync(join(tmpdir(), 'reveille-earlier-'));
  try {
    unpackInto(folder);
    if (!rehearse(folder)) process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
