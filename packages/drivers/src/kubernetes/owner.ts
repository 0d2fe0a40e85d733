import { createHash } from 'node:crypto';
import type { RunName } from '@reveille/orchestration';
import type { Metadata } from './kube-object.ts';

/** Labels of all that this driver makes or uses: hashes, since names of runs may be longer than labels. No secrets. */
export const labels = {
  managedBy: 'app.kubernetes.io/managed-by',
  deployment: 'reveille.io/deployment',
  run: 'reveille.io/run',
} as const;

/** Annotations that say in words what the labels say in hashes. */
export const annotations = { run: 'reveille.io/run', instance: 'reveille.io/instance' } as const;

/** One deployment of Reveille. Those of others in the same cluster are left alone. */
export class Owner {
  readonly hash: string;

  constructor(namespace: string) {
    this.hash = hashOf(namespace, 16);
  }

  runHash(name: string): string {
    return hashOf(`${this.hash} ${name}`, 32);
  }

  labels(name: string): Record<string, string> {
    return { [labels.managedBy]: 'reveille', ...this.podLabels(name) };
  }

  podLabels(name: string): Record<string, string> {
    return { [labels.deployment]: this.hash, [labels.run]: this.runHash(name) };
  }

  annotations({ name, instance }: RunName): Record<string, string> {
    return { [annotations.run]: name, [annotations.instance]: instance };
  }

  owns({ labels: found = {}, annotations: said = {} }: Metadata, name: string): boolean {
    return found[labels.deployment] === this.hash && said[annotations.run] === name;
  }
}

function hashOf(text: string, length: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, length);
}
