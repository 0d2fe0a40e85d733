import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, parseAllDocuments, stringify } from 'yaml';

/** An object of the Kubernetes API, as a manifest says it. */
export type Manifest = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly [key: string]: unknown;
};

/** What a kustomization.yaml says, so far as it is read here. */
export type Kustomization = { readonly components?: readonly string[]; readonly [key: string]: unknown };

type Command = readonly [string, ...string[]];

const k8s = join(import.meta.dirname, '../../../k8s');

/** Components came with kubectl 1.21; older ones build none of the overlays. */
const commands: readonly Command[] = [
  ['kustomize', 'build'],
  ['kubectl', 'kustomize'],
];

/**
 * The command that builds overlays on this machine: kustomize, or kubectl; undefined when neither is there, which it says on standard
 * error. CI does without, too, and cannot be given one: the kubectl of Debian 12 is too old, and npm has the binary only from others
 * than those who make it.
 */
export function findKustomize(): Command | undefined {
  const found = commands.find(([program]) => {
    try {
      execFileSync(program, ['--help'], { stdio: 'ignore', timeout: 60_000 });
      return true;
    } catch {
      // Not there, which is what was asked.
      return false;
    }
  });
  if (found === undefined)
    process.stderr.write(
      'LEFT OUT: neither kustomize nor kubectl is on PATH, so that no overlay of k8s/ is built or tested here\n',
    );
  return found;
}

/** What would be applied to a cluster. @throws Error with kustomize's own words */
export function buildOverlay([program, ...args]: Command, folder: string): Manifest[] {
  const text = execFileSync(program, [...args, folder], { encoding: 'utf8', timeout: 60_000 });
  return parseAllDocuments(text).map((document) => document.toJS() as Manifest);
}

/**
 * Builds an overlay as somebody has it who copied k8s/ and changed its kustomization.yaml; one that is not there yet begins empty.
 * @throws Error with kustomize's own words
 */
export function buildChanged(
  command: Command,
  overlay: string,
  change: (kustomization: Kustomization) => Kustomization,
): Manifest[] {
  const copy = mkdtempSync(join(tmpdir(), 'k8s-'));
  try {
    cpSync(k8s, copy, { recursive: true });
    const folder = join(copy, 'overlays', overlay);
    mkdirSync(folder, { recursive: true });
    const file = join(folder, 'kustomization.yaml');
    // Not there: nothing to begin with.
    writeFileSync(file, '', { flag: 'a' });
    const kustomization = parse(readFileSync(file, 'utf8')) as Kustomization | null;
    writeFileSync(file, stringify(change(kustomization ?? {})));
    return buildOverlay(command, folder);
  } finally {
    rmSync(copy, { recursive: true });
  }
}
