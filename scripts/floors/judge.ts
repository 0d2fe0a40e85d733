import { dirname, join } from 'node:path';
import { isBuiltin } from 'node:module';
import type { Import } from './imports.ts';
import type { WorkspacePackage } from './workspace.ts';

/** The rules, by the name that a refusal carries. */
export type Rule = 'plan' | 'empty' | 'down' | 'rooms' | 'walls' | 'node' | 'packages' | 'declared';

export interface Refusal {
  readonly rule: Rule;
  /** File, with the line where there is one. */
  readonly where: string;
  readonly message: string;
}

/** What one file of a room imports, against the rules of that room; undefined when it is allowed. */
export function judgeImport(
  from: WorkspacePackage,
  file: string,
  { specifier, line }: Import,
  workspace: ReadonlyMap<string, WorkspacePackage>,
  toolsOfTheRoot: ReadonlySet<string>,
): Refusal | undefined {
  const refuse = (rule: Rule, message: string): Refusal => ({ rule, where: `${file}:${line}`, message });
  const isSource = file.startsWith(`${from.folder}/src/`);
  if (specifier.startsWith('.')) {
    const target = join(dirname(file), specifier);
    if (!target.startsWith(`${from.folder}/`)) return refuse('walls', `reaches through the wall to ${target}`);
    if (isSource && !target.startsWith(`${from.folder}/src/`)) return refuse('walls', `source imports ${target}`);
    return undefined;
  }
  if (specifier.startsWith('/') || (URL.canParse(specifier) && !specifier.startsWith('node:'))) {
    return refuse('walls', `names ${specifier} by its address`);
  }
  if (isBuiltin(specifier)) {
    if (!specifier.startsWith('node:')) return refuse('node', `write node:${specifier}`);
    return isSource && from.room?.node === false
      ? refuse('node', `${from.folder} may not import ${specifier}`)
      : undefined;
  }
  const name = packageOf(specifier);
  if (name === from.name) return undefined;
  const target = workspace.get(name);
  if (target) {
    const refused = judgeArrow(from, target);
    if (refused) return refuse(refused.rule, refused.message);
  } else if (isSource && from.room && from.room.packages !== 'declared' && !from.room.packages.includes(name)) {
    return refuse('packages', `${from.folder} may import ${listed(from.room.packages)}, not ${name}`);
  }
  const declared =
    from.dependencies.has(name) || (!isSource && (from.devDependencies.has(name) || toolsOfTheRoot.has(name)));
  return declared ? undefined : refuse('declared', `${name} is no dependency in ${from.folder}/package.json`);
}

/** An arrow between two rooms, whether an import or a dependency in package.json. */
export function judgeArrow(
  from: WorkspacePackage,
  to: WorkspacePackage,
): { readonly rule: 'down' | 'rooms'; readonly message: string } | undefined {
  if (!from.room || !to.room) return undefined;
  if (to.room.floor >= from.room.floor) {
    const which = to.room.floor === from.room.floor ? 'sideways' : 'up';
    const message = `an arrow ${which}: ${from.folder} (floor ${from.room.floor}) to ${to.folder} (floor ${to.room.floor})`;
    return { rule: 'down', message };
  }
  if (from.room.rooms && !from.room.rooms.includes(to.folder)) {
    return { rule: 'rooms', message: `${from.folder} may import ${listed(from.room.rooms)}, not ${to.folder}` };
  }
  return undefined;
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'no package' : names.join(', ');
}
