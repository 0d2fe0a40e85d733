import { readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The first Node that runs TypeScript as it stands and has `await using`. */
export const neededMajor = 24;

/**
 * The program of the npm package `node` in a `node_modules` of the folders above `program`, when it is new enough: the one that a
 * workspace pins. Undefined when there is none.
 */
export function findNode(program) {
  for (let folder = dirname(realpathSync(program)); ; folder = dirname(folder)) {
    const found = nodeIn(join(folder, 'node_modules', 'node'));
    if (found !== undefined) return found;
    if (folder === dirname(folder)) return undefined;
  }
}

function nodeIn(folder) {
  try {
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    if (Number(String(version).split('.')[0]) < neededMajor) return undefined;
    const path = join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
    return statSync(path).isFile() ? path : undefined;
  } catch {
    // Not there, or half installed: the search goes on, and its end is told in words.
    return undefined;
  }
}
