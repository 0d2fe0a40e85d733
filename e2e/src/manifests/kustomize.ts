import { execFileSync } from 'node:child_process';
import { parseAllDocuments } from 'yaml';

/** An object of the Kubernetes API, as a manifest says it. */
export type Manifest = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  readonly [key: string]: unknown;
};

/** Components came with kubectl 1.21; older ones build none of the overlays. */
const commands: readonly (readonly [string, ...string[]])[] = [
  ['kustomize', 'build'],
  ['kubectl', 'kustomize'],
];

/** The command that builds overlays on this machine: kustomize, or kubectl; undefined when neither is there. */
export function findKustomize(): readonly [string, ...string[]] | undefined {
  return commands.find(([program]) => {
    try {
      execFileSync(program, ['--help'], { stdio: 'ignore', timeout: 60_000 });
      return true;
    } catch {
      // Not there, which is what was asked.
      return false;
    }
  });
}

/** What would be applied to a cluster. @throws Error with kustomize's own words */
export function buildOverlay([program, ...args]: readonly [string, ...string[]], folder: string): Manifest[] {
  const text = execFileSync(program, [...args, folder], { encoding: 'utf8', timeout: 60_000 });
  return parseAllDocuments(text).map((document) => document.toJS() as Manifest);
}
