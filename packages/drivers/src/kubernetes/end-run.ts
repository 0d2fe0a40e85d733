import { sleep } from '@reveille/lifecycle';
import { DriverError } from '@reveille/orchestration';
import type { ApiServer } from './api-server.ts';
import type { KubeObject } from './kube-object.ts';
import { labels, type Owner } from './owner.ts';
import type { RunRecord, RunRecords } from './run-record.ts';
import { removeSecret } from './run-secret.ts';
import { scaleDown } from './scale-workload.ts';

/** Pauses between looks at pods that end, milliseconds. */
const LOOK_MS = [50, 100, 200, 400, 800];
/**
 * Ends a run: no more pods are made, those there are get their grace, then all else of it goes, its record last.
 * @throws DriverError when a pod does not end: its node may be lost, and the service may run there still.
 */
export async function endRun(of: {
  api: ApiServer;
  owner: Owner;
  records: RunRecords;
  run: string;
  graceMs: number;
  /** How long a node may take to end a pod beyond the grace of its service. */
  endMs: number;
  signal: AbortSignal;
}): Promise<void> {
  const { api, owner, records, run, signal } = of;
  const record = await records.find(run, signal);
  if (record === undefined) return;
  const { namespace, secret } = record;
  if (record.mode === 'scale') await scaleDown({ api, owner, run, record, signal });
  else await removeObject(of, record, record.workload);
  await endPods(of, record);
  for (const object of record.objects.toReversed()) await removeObject(of, record, object);
  await removeSecret({ api, owner, namespace, secret, run, signal });
  await records.remove(run, signal);
}

async function removeObject(
  { api, owner, run, signal }: Parameters<typeof endRun>[0],
  { namespace }: RunRecord,
  object: RunRecord['workload'],
): Promise<void> {
  const found = await api.find({ ...object, namespace, signal });
  if (found === undefined || !owner.owns(found.metadata, run)) return;
  // The pods of a workload are ended one by one, with the grace of the service.
  await api.remove({ ...object, namespace, body: { propagationPolicy: 'Background' }, signal });
}

async function endPods(of: Parameters<typeof endRun>[0], record: RunRecord): Promise<void> {
  const { api, owner, run, graceMs, endMs, signal } = of;
  const { namespace } = record;
  const until = performance.now() + graceMs + endMs;
  const gracePeriodSeconds = Math.max(1, Math.ceil(graceMs / 1000));
  const query = { labelSelector: `${labels.deployment}=${owner.hash},${labels.run}=${owner.runHash(run)}` };
  const asked = new Set<string>();
  for (let looks = 0; ; looks++) {
    // Read first: a controller that has seen the change makes no pod after the list below.
    const workload = record.mode === 'scale' ? await api.find({ ...record.workload, namespace, signal }) : undefined;
    const { items: pods = [] } = await api.call({ verb: 'list', kind: 'Pod', namespace, query, signal });
    if (pods.length === 0 && (workload === undefined || isObserved(workload))) return;
    for (const { metadata } of pods) {
      const { uid = '', name } = metadata;
      if (asked.has(uid)) continue;
      const body = { gracePeriodSeconds, preconditions: { uid } };
      await api.remove({ kind: 'Pod', namespace, name, body, signal });
      asked.add(uid);
    }
    if (performance.now() > until) throw stuck(pods, record);
    await sleep(LOOK_MS[Math.min(looks, LOOK_MS.length - 1)] ?? 800, signal);
  }
}

function isObserved({ metadata, status }: KubeObject): boolean {
  return Number(status?.['observedGeneration'] ?? 0) >= (metadata.generation ?? 0);
}

function stuck(pods: KubeObject[], { namespace, workload }: RunRecord): DriverError {
  const [pod] = pods;
  if (pod === undefined)
    return new DriverError(
      'driver_error',
      `the cluster has not looked at the ${workload.kind} ${namespace}/${workload.name} yet`,
    );
  const node = (pod.spec?.['nodeName'] as string | undefined) ?? 'none';
  const words = `the pod ${namespace}/${pod.metadata.name} does not end; its node (${node}) may be lost, and the service may run there still. When it is certain that the node is down: kubectl -n ${namespace} delete pod ${pod.metadata.name} --force`;
  return new DriverError('driver_error', words);
}
