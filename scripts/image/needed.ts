import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A package of this repository. */
export interface Workspace {
  readonly name: string;
  /** From the root, with forward slashes. */
  readonly folder: string;
  /** Names of what it needs to run. */
  readonly dependencies: readonly string[];
}

/** All packages of the repository at `root`, as its `workspaces` name them. */
export function allWorkspaces(root: string): Workspace[] {
  const { workspaces } = manifest(join(root, 'package.json'));
  const files = globSync(
    (workspaces ?? []).map((pattern) => `${pattern}/package.json`),
    { cwd: root },
  );
  return files.sort().map((file) => {
    const { name = '', dependencies = {} } = manifest(join(root, file));
    return { name, folder: dirname(file), dependencies: Object.keys(dependencies) };
  });
}

/**
 * The folders of these packages and of all in the repository that they need to run.
 * @throws when one of them is no package of the repository
 */
export function neededBy(folders: readonly string[], workspaces: readonly Workspace[]): Set<string> {
  const byName = new Map(workspaces.map((one) => [one.name, one]));
  const needed = new Set<string>();
  const take = (one: Workspace): void => {
    if (needed.has(one.folder)) return;
    needed.add(one.folder);
    for (const name of one.dependencies) {
      const next = byName.get(name);
      if (next !== undefined) take(next);
    }
  };
  for (const folder of folders) {
    const one = workspaces.find((workspace) => workspace.folder === folder);
    if (one === undefined) throw new Error(`${folder} is no package of this repository`);
    take(one);
  }
  return needed;
}

function manifest(file: string): { name?: string; workspaces?: string[]; dependencies?: Record<string, string> } {
  return JSON.parse(readFileSync(file, 'utf8')) as ReturnType<typeof manifest>;
}
