import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { DriverError, type StartRequest } from '@reveille/orchestration';
import type { Render } from '../process/render.ts';
import { type Kind, type KubeObject, resources } from './kube-object.ts';

/** What a template may make; more would need rights that nobody should have to give. */
export const templateKinds = [
  'Deployment',
  'StatefulSet',
  'Pod',
  'Service',
  'ConfigMap',
  'Secret',
  'PersistentVolumeClaim',
] as const;
type TemplateKind = (typeof templateKinds)[number];
const workloadKinds: readonly Kind[] = ['Deployment', 'StatefulSet', 'Pod'];

/** Fields that are numbers: a text that is one variable becomes one there. */
const numberFields = new Set(['containerPort', 'hostPort', 'port', 'targetPort', 'number']);

export type Template = {
  objects: (KubeObject & { kind: TemplateKind })[];
  workload: { kind: TemplateKind; name: string };
};

/**
 * The objects of a file of YAML, its variables filled in. They are filled in after the file was read, so that no value changes what
 * it says.
 * @throws DriverError `driver_error` with all that is wrong with the file.
 */
export async function readTemplate(
  request: StartRequest,
  file: string,
  namespace: string,
  render: Render,
): Promise<Template> {
  const refuse = (words: string, cause?: unknown): DriverError =>
    new DriverError('driver_error', `the template ${file} of "${request.service}" ${words}`, { cause });
  const text = await readFile(path.resolve(request.catalogDir, file), 'utf8').catch((error: unknown) => {
    throw refuse(`cannot be read: ${(error as Error).message}`, error);
  });
  const { parseAllDocuments } = await import('yaml');
  const documents = parseAllDocuments(text);
  const [wrong] = documents.flatMap(({ errors }) => errors);
  if (wrong !== undefined) throw refuse(`is no YAML: ${wrong.message}`, wrong);
  const objects = documents
    .map((document) => filledIn(document.toJS(), render))
    .filter((object) => object !== null && object !== undefined) as Template['objects'];
  const faults = objects.flatMap((object, index) => faultsOf(object, index, objects, namespace));
  const workloads = objects.filter(({ kind }) => workloadKinds.includes(kind));
  if (workloads.length !== 1)
    faults.push(
      `has ${workloads.length} of ${workloadKinds.join(', ')}; exactly one is expected, which is the service`,
    );
  const [workload] = workloads;
  if (workload === undefined || faults.length > 0) throw refuse(faults.join('; '));
  return { objects, workload: { kind: workload.kind, name: workload.metadata.name } };
}

function faultsOf(
  object: Partial<Template['objects'][number]>,
  index: number,
  all: readonly KubeObject[],
  namespace: string,
): string[] {
  const where = `document ${index + 1}`;
  const { kind, apiVersion, metadata } = object;
  if (kind === undefined || !templateKinds.includes(kind))
    return [`${where}: kind is "${String(kind)}"; one of ${templateKinds.join(', ')} is expected`];
  const { group, version } = resources[kind];
  const expected = group === '' ? version : `${group}/${version}`;
  const name = metadata?.name;
  if (typeof name !== 'string' || !/^[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?$/.test(name))
    return [
      `${where}: metadata.name is "${String(name)}"; lower case letters, digits, "-" and "." are expected, at most 63`,
    ];
  return [
    ...(apiVersion === expected
      ? []
      : [`${where}: apiVersion is "${String(apiVersion)}"; ${expected} is expected for a ${kind}`]),
    ...(metadata?.namespace === undefined || metadata.namespace === namespace
      ? []
      : [`${where}: metadata.namespace is "${metadata.namespace}"; "${namespace}" is expected, that of the catalog`]),
    ...(all.findIndex((each) => each.kind === kind && each.metadata?.name === name) < index
      ? [`${where}: a second ${kind} of the name ${name}`]
      : []),
  ];
}

function filledIn(value: unknown, render: Render, field = ''): unknown {
  if (typeof value === 'string') {
    const rendered = render(value);
    return rendered !== value && numberFields.has(field) && /^\d+$/.test(rendered) ? Number(rendered) : rendered;
  }
  if (Array.isArray(value)) return value.map((each) => filledIn(each, render));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, filledIn(each, render, key)]));
}
