import { describe } from 'vitest';
import { refuses, reported } from './refusal.ts';

describe('starts that are refused', () => {
  refuses(
    'Kubernetes without a way',
    { a: { start: { kubernetes: {} } } },
    undefined,
    `services.a.start.kubernetes: found none, expected exactly one of scale, template`,
  );
  refuses(
    'Kubernetes in two ways',
    {
      a: {
        start: { kubernetes: { template: { file: 'a.yaml' }, scale: { kind: 'Deployment', name: 'a', replicas: 1 } } },
      },
    },
    undefined,
    /found scale and template/,
  );
  refuses(
    'a secret where others read it, and one that nobody declared',
    {
      a: {
        secrets: { db: { env: 'DB_PASSWORD' } },
        start: { process: { command: ['a', '{secrets.db}'], env: { OK: '{secrets.db}', NOT: '{secrets.dp}' } } },
      },
    },
    undefined,
    /command.1: found {secrets.db}.*secrets can be put into env and headers only/,
    /env.NOT: found {secrets.dp}.*did you mean {secrets.db}\?.*"dp" is not in secrets/,
  );
  refuses(
    'a secret of Reveille itself',
    { a: { secrets: { root: { env: 'REVEILLE_ROOT_SECRET' } }, start: { process: { command: ['a'] } } } },
    undefined,
    /services.a.secrets.root.env: found REVEILLE_ROOT_SECRET, expected another variable/,
  );
  refuses(
    'the port of what somebody else starts, unless it is fixed',
    { a: { start: { http: { start: { method: 'POST', url: 'http://x/{port}' } } } } },
    undefined,
    /http.start.url: found {port}.*only a fixed port is known/,
  );
  refuses(
    'one workload for the copies of a scoped service, and names that are none',
    {
      a: {
        scope: 'user',
        start: { kubernetes: { scale: { kind: 'Deployment', name: 'a_b', namespace: 'of-{tenant}', replicas: 1 } } },
      },
    },
    undefined,
    /scale.name: found a_b, expected a name of Kubernetes/,
    /scale.name: found a_b, expected a name with \{scopeKey\}/,
  );
  refuses(
    'variables that Reveille gives or keeps',
    {
      a: {
        start: {
          process: {
            command: ['a'],
            env: { PORT: '1', REVEILLE_USER: 'x', OWN: 'y' },
            passEnv: ['HOME', 'REVEILLE_ROOT_SECRET'],
          },
        },
      },
    },
    undefined,
    /env.PORT: found PORT/,
    /env.REVEILLE_USER/,
    /passEnv.1: found REVEILLE_ROOT_SECRET/,
  );
  refuses(
    'an unknown variable, with the one that was probably meant',
    { a: { start: { process: { command: ['a', '--port={prot}'] } } } },
    undefined,
    /command.1: found {prot}, expected a variable of this service \(did you mean {port}\?\)/,
  );
  refuses(
    'the address of something that is no dependency',
    { a: { start: { process: { command: ['a'], env: { B: '{deps.b.url}' } } } }, b: {} },
    undefined,
    /env.B: found {deps.b.url}, expected one of .*: "b" is not in dependsOn/,
  );
  refuses(
    'the user of a service for all',
    { a: { start: { process: { command: ['{user}'] } } } },
    undefined,
    /the service is global, one for all of them/,
  );
  refuses(
    'a port that is not known yet',
    { a: { ...reported, start: { process: { command: ['{port}'] } } } },
    undefined,
    /the port is reported by the service/,
  );
});
