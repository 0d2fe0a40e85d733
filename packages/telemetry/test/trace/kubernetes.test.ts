import { expect, test } from 'vitest';
import { kubernetesAttributes } from '../../src/trace/kubernetes.ts';

test('a pod is named by the downward API, or by its host name, and nothing is said outside of Kubernetes', () => {
  const pod = { KUBERNETES_SERVICE_HOST: '10.0.0.1', HOSTNAME: 'edge-7' };
  expect(kubernetesAttributes(pod)).toEqual({ 'k8s.pod.name': 'edge-7' });
  expect(kubernetesAttributes({ ...pod, POD_NAME: 'edge-x', POD_NAMESPACE: 'chat', NODE_NAME: 'n1' })).toEqual({
    'k8s.pod.name': 'edge-x',
    'k8s.namespace.name': 'chat',
    'k8s.node.name': 'n1',
  });
  expect(kubernetesAttributes({ HOSTNAME: 'laptop', POD_NAMESPACE: 'chat' })).toEqual({});
});
