import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** A folder with packages of this repository as somebody gets them from a registry: built, packed and unpacked; beside them only what `others` names. */
export async function installed(
  packages: readonly string[],
  others: readonly string[] = [],
): Promise<AsyncDisposable & { dir: string }> {
  const dir = await mkdtemp(join(tmpdir(), 'reveille-packed-'));
  const modules = join(dir, 'node_modules', '@reveille');
  await mkdir(modules, { recursive: true });
  const filters = packages.map((name) => `--filter=@reveille/${name}`);
  run('npx', ['turbo', 'run', 'build', ...filters]);
  run('npm', [
    'pack',
    '--silent',
    '--pack-destination',
    dir,
    ...packages.flatMap((name) => ['-w', `@reveille/${name}`]),
  ]);
  const tarballs = await readdir(dir);
  for (const name of packages) {
    const tarball = tarballs.find((file) => file.startsWith(`reveille-${name}-`));
    if (tarball === undefined) throw new Error(`${name} was not packed`);
    await mkdir(join(modules, name));
    run('tar', ['xzf', join(dir, tarball), '-C', join(modules, name), '--strip-components=1']);
  }
  for (const name of others)
    await symlink(await realpath(join(root, 'node_modules', name)), join(dir, 'node_modules', name));
  return { dir, [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }) };
}

function run(command: string, args: string[]): void {
  execFileSync(command, args, { cwd: root, stdio: 'pipe' });
}
