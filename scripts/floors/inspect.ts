import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { importsOf } from './imports.ts';
import { judgeArrow, judgeImport, type Refusal } from './judge.ts';
import { readManifest, readWorkspace, type WorkspacePackage } from './workspace.ts';

export interface Inspection {
  readonly refusals: readonly Refusal[];
  readonly rooms: number;
  readonly files: number;
  readonly imports: number;
}

/** Walks through all rooms below `root` and judges every import and every dependency. */
export function inspectFloors(root: string): Inspection {
  const packages = readWorkspace(root);
  const workspace = new Map(packages.map((one) => [one.name, one]));
  const toolsOfTheRoot = new Set(Object.keys(readManifest(root, '.').devDependencies ?? {}));
  const refusals: Refusal[] = packages.flatMap((one) => judgeRoom(one, workspace));
  let imports = 0;
  for (const from of packages) {
    for (const file of from.files) {
      for (const found of importsOf(file, readFileSync(join(root, file), 'utf8'))) {
        imports += 1;
        const refused = judgeImport(from, file, found, workspace, toolsOfTheRoot);
        if (refused) refusals.push(refused);
      }
    }
  }
  return { refusals, rooms: packages.length, files: packages.reduce((sum, one) => sum + one.files.length, 0), imports };
}

/** A room has a place in the plan, has something in it, and depends only on what lies below. */
function judgeRoom(from: WorkspacePackage, workspace: ReadonlyMap<string, WorkspacePackage>): Refusal[] {
  const where = `${from.folder}/package.json`;
  if (!from.room) return [{ rule: 'plan', where, message: `${from.folder} has no place in scripts/floors/rooms.ts` }];
  const empty: Refusal = { rule: 'empty', where, message: `${from.folder} has no modules: nothing could be judged` };
  const arrows = [...from.dependencies, ...from.devDependencies].flatMap((name): Refusal[] => {
    const target = workspace.get(name);
    const refused = target && judgeArrow(from, target);
    return refused ? [{ rule: refused.rule, where, message: refused.message }] : [];
  });
  return from.files.length === 0 ? [empty, ...arrows] : arrows;
}
