import { execFileSync } from 'node:child_process';
import { cpSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A copy of the sources in a folder of its own, with the dependencies of the original. Disposing it removes it. */
export class SourceCopy implements Disposable {
  readonly dir: string;

  constructor(root: string) {
    this.dir = mkdtempSync(join(tmpdir(), 'reveille-guards-'));
    const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root });
    for (const file of String(listed).split('\0').filter(Boolean)) {
      mkdirSync(dirname(join(this.dir, file)), { recursive: true });
      cpSync(join(root, file), join(this.dir, file));
    }
    shareDependencies(join(root, 'node_modules'), join(this.dir, 'node_modules'));
  }

  [Symbol.dispose](): void {
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/**
 * Links to each package. Those of the workspace are relative links into the tree, and stay what they are: they then lead into the
 * copy, and not back to the original.
 */
function shareDependencies(from: string, to: string): void {
  mkdirSync(to);
  for (const name of readdirSync(from)) {
    const [source, target] = [join(from, name), join(to, name)];
    if (lstatSync(source).isSymbolicLink()) symlinkSync(readlinkSync(source), target);
    else if (name === '@reveille') shareDependencies(source, target);
    else if (name !== '.vite' && name !== '.cache') symlinkSync(source, target);
  }
}
