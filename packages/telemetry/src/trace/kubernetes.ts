/** Variables that a pod has from the downward API, by the semantic name of what they say. */
const variables = {
  'k8s.pod.name': 'POD_NAME',
  'k8s.pod.uid': 'POD_UID',
  'k8s.namespace.name': 'POD_NAMESPACE',
  'k8s.node.name': 'NODE_NAME',
  'k8s.container.name': 'CONTAINER_NAME',
} as const;

/** Where in Kubernetes this process runs; nothing outside of it. A pod that is told no name of its own is called as its host is. */
export function kubernetesAttributes(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  if (!env['KUBERNETES_SERVICE_HOST']) return {};
  const hostname = env['HOSTNAME'] ? { 'k8s.pod.name': env['HOSTNAME'] } : {};
  const named = Object.entries(variables).flatMap(([attribute, name]) => {
    const value = env[name];
    return value ? [[attribute, value] as const] : [];
  });
  return { ...hostname, ...Object.fromEntries(named) };
}
