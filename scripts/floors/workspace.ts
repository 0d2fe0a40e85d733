import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { join, matchesGlob } from 'node:path';
import { grounds, plan, type Room } from './rooms.ts';

/** A package of this repository as it is on disk. */
export interface WorkspacePackage {
  readonly folder: string;
  readonly name: string;
  /** What it needs at run time. */
  readonly dependencies: ReadonlySet<string>;
  readonly devDependencies: ReadonlySet<string>;
  /** Its place in the plan; undefined when it has none. */
  readonly room: Room | undefined;
  /** All its modules, from the root. */
  readonly files: readonly string[];
}

interface Manifest {
  readonly name: string;
  readonly dependencies?: Record<string, string>;
  readonly optionalDependencies?: Record<string, string>;
  readonly peerDependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
}

export function readWorkspace(root: string): WorkspacePackage[] {
  return ['bench', 'e2e', ...grounds.flatMap((ground) => foldersIn(root, ground))]
    .filter((folder) => existsSync(join(root, folder, 'package.json')))
    .map((folder) => readPackage(root, folder));
}

export function readManifest(root: string, folder: string): Manifest {
  return JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Manifest;
}

function readPackage(root: string, folder: string): WorkspacePackage {
  const manifest = readManifest(root, folder);
  const { dependencies, optionalDependencies, peerDependencies, devDependencies } = manifest;
  return {
    folder,
    name: manifest.name,
    dependencies: new Set(Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies })),
    devDependencies: new Set(Object.keys(devDependencies ?? {})),
    room: plan.find((room) => matchesGlob(folder, room.folder)),
    files: globSync('**/*.{ts,tsx,mts,js,mjs}', {
      cwd: join(root, folder),
      exclude: (name) => /(^|\/)(node_modules|dist|\.reveille)$/.test(name),
    }).map((file) => `${folder}/${file}`),
  };
}

function foldersIn(root: string, ground: string): string[] {
  const path = join(root, ground);
  return existsSync(path) ? readdirSync(path).map((name) => `${ground}/${name}`) : [];
}
