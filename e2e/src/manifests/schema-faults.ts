import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Manifest } from './kustomize.ts';

const root = resolve(import.meta.dirname, '../../..');

/**
 * What the schemas of Kubernetes, KEDA and the Prometheus Operator (npm: kubernetes-models) say against these objects. Their types
 * refuse unknown keys (the compiler looks for excess properties) and wrong kinds of values, their validators what is missing
 * or out of range. One line each, beginning with the place of the object in the list.
 */
export async function schemaFaults(manifests: readonly Manifest[]): Promise<string[]> {
  const values = await Promise.all(manifests.map((manifest, index) => valueFault(manifest, index)));
  return [...typeFaults(manifests), ...values.flatMap((fault) => fault ?? [])];
}

function typeFaults(manifests: readonly Manifest[]): string[] {
  // Below node_modules, so that the packages are found from there.
  const cache = join(root, 'node_modules/.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'manifests-'));
  try {
    manifests.forEach((manifest, index) => {
      const type = `I${manifest.kind}`;
      const text = `import type { ${type} } from '${moduleOf(manifest)}';\nexport const manifest: ${type} = ${JSON.stringify(manifest, undefined, 2)};\n`;
      writeFileSync(join(folder, `${index}.ts`), text);
    });
    const compilerOptions = {
      noEmit: true,
      strict: true,
      skipLibCheck: true,
      module: 'nodenext',
      target: 'esnext',
      types: [],
    };
    writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
    execFileSync(join(root, 'node_modules/.bin/tsc'), ['--pretty', 'false'], {
      cwd: folder,
      encoding: 'utf8',
      stdio: 'pipe',
    });
    return [];
  } catch (error) {
    const { stdout } = error as { stdout?: string };
    const faults = (stdout ?? '').split('\n').filter((line) => /^\d+\.ts/.test(line));
    // A compiler that failed for another reason says nothing of the manifests.
    if (faults.length === 0) throw error;
    return faults.map((line) => line.replace('.ts', ''));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function valueFault(manifest: Manifest, index: number): Promise<string | undefined> {
  type Model = new (data: object) => { validate(): void };
  const module = (await import(moduleOf(manifest))) as Record<string, Model | undefined>;
  const Kind = module[manifest.kind];
  if (Kind === undefined) return `${index}: ${manifest.apiVersion} has no kind ${manifest.kind}`;
  try {
    new Kind(manifest).validate();
    return undefined;
  } catch (error) {
    return `${index}: ${(error as Error).message}`;
  }
}

function moduleOf({ apiVersion, kind }: Manifest): string {
  const group = apiVersion.split('/')[0] ?? '';
  const packages: Readonly<Record<string, string>> = {
    'keda.sh': '@kubernetes-models/keda',
    'monitoring.coreos.com': '@kubernetes-models/prometheus-operator',
  };
  return `${packages[group] ?? 'kubernetes-models'}/${apiVersion}/${kind}`;
}
