import { readdirSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';

/** What Node does not read: maps, declarations and TypeScript, which it refuses to run within `node_modules`. */
const unreadFile = /\.(map|[cm]?ts|tsx|tsbuildinfo)$/;
/** At the top of an installed package only: deeper, such a name may be a part of its program. */
const unreadFolder = /^node_modules\/(@[^/]+\/)?[^/]+\/(test|tests)$/;

/** Whether nothing reads this file or folder at run time. @param path from the top of what was assembled, with forward slashes */
export function isUnread(path: string, isFolder: boolean): boolean {
  return isFolder ? unreadFolder.test(path) : unreadFile.test(path);
}

/** Removes from the folder `top` what nothing reads at run time. Licences and documents of packages stay. */
export function removeUnread(top: string): void {
  const within = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const file = join(folder, entry.name);
      // A link leads to a package of this repository, which is reached by its own folder.
      if (entry.isSymbolicLink()) continue;
      if (isUnread(relative(top, file).replaceAll('\\', '/'), entry.isDirectory())) rmSync(file, { recursive: true });
      else if (entry.isDirectory()) within(file);
    }
  };
  within(top);
}
