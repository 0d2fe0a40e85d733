import { secretsOf } from '../log/redact.ts';
import type { ApiServer } from './api-server.ts';
import { isStatus } from './api-refusal.ts';
import type { Pod } from './kube-object.ts';
import { containerOf } from './pod-state.ts';

/** Bounds of what is read for one pod. */
const SECRETS = 20;
const VALUES = 200;
const VALUE_BYTES = 16 * 1024;

/** All keys of a Secret, or some. */
type Keys = Set<string> | 'all';

/**
 * What must not show in the log of a pod beyond what Reveille has given it: the values of the Secrets that its container is given by its
 * own template, and of its variables whose names tell it. Secrets that are not there or may not be read are left out.
 * @throws ApiRefusal or DriverError when it cannot be told at the moment.
 */
export async function secretsOfPod(of: {
  api: ApiServer;
  namespace: string;
  pod: Pod;
  /** The Secret of the run, whose secrets are known. */
  own: string;
  signal: AbortSignal;
}): Promise<string[]> {
  const { api, namespace, pod, own, signal } = of;
  const names = [...namedBy(pod)].filter(([name]) => name !== own).slice(0, SECRETS);
  const values = names.map(async ([name, keys]) => {
    const found = await api.find({ kind: 'Secret', namespace, name, signal }).catch((error: unknown) => {
      if (isStatus(error, 403)) return undefined;
      throw error;
    });
    return Object.entries(found?.data ?? {}).flatMap(([key, value]) =>
      keys === 'all' || keys.has(key) ? [Buffer.from(value, 'base64')] : [],
    );
  });
  const short = (await Promise.all(values)).flat().filter(({ length }) => length <= VALUE_BYTES);
  const env = mainOf(pod)?.env ?? [];
  const written = Object.fromEntries(env.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])));
  return secretsOf(
    written,
    short.slice(0, VALUES).map((bytes) => bytes.toString('utf8')),
  );
}

function mainOf(pod: Pod) {
  return pod.spec?.containers?.find(({ name }) => name === containerOf(pod));
}

/** Those of the container whose log is read, as variables or as files. */
function namedBy(pod: Pod): Map<string, Keys> {
  const named = new Map<string, Keys>();
  const add = (name: string | undefined, keys: Iterable<string> | undefined): void => {
    if (name === undefined) return;
    const known = named.get(name);
    named.set(name, keys === undefined || known === 'all' ? 'all' : new Set([...(known ?? []), ...keys]));
  };
  const main = mainOf(pod);
  for (const { secretRef } of main?.envFrom ?? []) add(secretRef?.name, undefined);
  for (const { valueFrom } of main?.env ?? []) {
    const { name, key } = valueFrom?.secretKeyRef ?? {};
    if (key !== undefined) add(name, [key]);
  }
  for (const { secret, projected } of pod.spec?.volumes ?? []) {
    add(
      secret?.secretName,
      secret?.items?.map(({ key }) => key),
    );
    for (const source of projected?.sources ?? [])
      add(
        source.secret?.name,
        source.secret?.items?.map(({ key }) => key),
      );
  }
  return named;
}
