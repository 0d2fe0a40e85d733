import type { INetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy';
import type { Manifest } from './kustomize.ts';

/** A pod as network policies see it. */
export type Peer = { readonly namespace: string; readonly labels: Readonly<Record<string, string>> };

type Spec = NonNullable<INetworkPolicy['spec']>;
type Rule = NonNullable<Spec['egress']>[number] | NonNullable<Spec['ingress']>[number];
type Selector = NonNullable<Spec['podSelector']>;

/** Whether these policies let one pod open a TCP connection to a port of another: out of the one and into the other. */
export function letsThrough(manifests: readonly Manifest[], from: Peer, to: Peer, port: number): boolean {
  return letsPass(manifests, 'Egress', from, to, port) && letsPass(manifests, 'Ingress', to, from, port);
}

/** What no policy selects is free; what one selects may do what any of them lists. Ranges of addresses are for what is no pod. */
function letsPass(
  manifests: readonly Manifest[],
  direction: 'Egress' | 'Ingress',
  whose: Peer,
  other: Peer,
  port: number,
): boolean {
  const specs = manifests
    .filter(({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.namespace === whose.namespace)
    .map((manifest) => (manifest as unknown as { spec: Spec }).spec)
    .filter((spec) => spec.policyTypes?.includes(direction) && selects(spec.podSelector ?? {}, whose.labels));
  if (specs.length === 0) return true;
  return specs.some((spec) => {
    const rules: readonly Rule[] = (direction === 'Egress' ? spec.egress : spec.ingress) ?? [];
    return rules.some((rule) => {
      const peers = 'to' in rule ? rule.to : 'from' in rule ? rule.from : undefined;
      return (
        (rule.ports?.some((each) => each.port === port && each.protocol !== 'UDP') ?? true) &&
        (peers?.some(
          ({ ipBlock, namespaceSelector, podSelector }) =>
            ipBlock === undefined &&
            (namespaceSelector === undefined
              ? other.namespace === whose.namespace
              : selects(namespaceSelector, { 'kubernetes.io/metadata.name': other.namespace })) &&
            selects(podSelector ?? {}, other.labels),
        ) ??
          true)
      );
    });
  });
}

function selects({ matchLabels = {}, matchExpressions = [] }: Selector, labels: Peer['labels']): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      if (operator === 'Exists') return key in labels;
      if (operator === 'In') return values.includes(labels[key] ?? '');
      throw new Error(`the operator ${operator} is not known to this test`);
    })
  );
}
