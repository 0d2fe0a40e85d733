import { describe } from 'vitest';
import { refuses } from './refusal.ts';

describe('updates with two generations side by side that are refused', () => {
  const call = { method: 'POST', url: 'http://control/{scopeKey}' } as const;
  const told = { ...call, headers: { 'x-generation': '{generation}' } };
  refuses(
    'a workload that is scaled, which Kubernetes rolls by itself',
    {
      a: {
        update: 'rolling',
        start: { kubernetes: { scale: { kind: 'Deployment', name: 'a', replicas: 1 } } },
      },
    },
    undefined,
    'services.a.update: found rolling with kubernetes.scale, expected update: idle or manual: one workload runs one version at a time, and Kubernetes rolls it by itself (its strategy)',
  );
  refuses(
    'a port of the host of an Engine',
    { a: { update: 'rolling', start: { docker: { image: 'a', publish: 8080 } } } },
    undefined,
    /start.docker.publish: found 8080 with update: rolling, expected true, or update: idle or manual/,
  );
  refuses(
    'an API that could not tell the generations apart',
    { a: { update: 'rolling', start: { http: { start: told, stop: call } } } },
    undefined,
    /services.a.start.http.stop: found no \{generation\} with update: rolling/,
  );
});
