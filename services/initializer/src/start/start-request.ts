import type { KeyObject } from 'node:crypto';
import type { Endpoint, LedgerRecord, ServiceName } from '@reveille/contracts';
import type { LoadedCatalog } from '@reveille/catalog';
import { type Reading, runNameOf, type StartRequest } from '@reveille/orchestration';
import { type InstanceKeyPair, instanceKeyPair } from '@reveille/service-kit/keys';
import type { Subject } from '../subject/subject.ts';
import type { Reports } from './reports.ts';

/** `REVEILLE_DEP_<NAME>_URL`. */
function dependencyVariable(service: ServiceName): string {
  return `REVEILLE_DEP_${service.replaceAll('-', '_').toUpperCase()}_URL`;
}

/** Everything that the driver needs, and the key pair that this generation proves itself with. */
export function startRequestOf(of: {
  record: LedgerRecord;
  subject: Subject;
  dependencies: readonly Reading[];
  catalog: LoadedCatalog;
  reports: Reports;
  rootSecret: KeyObject;
  edgeKey: string;
  traceparent: string;
}): { request: StartRequest; keys: InstanceKeyPair } {
  const { record, subject } = of;
  const keys = instanceKeyPair(of.rootSecret, record.instance, record.generation);
  const deps = new Map<ServiceName, Endpoint>(
    of.dependencies.flatMap((reading) =>
      reading.record?.endpoint ? [[reading.record.service, reading.record.endpoint]] : [],
    ),
  );
  const { tenant, user } = record.scope;
  const environment: Record<string, string> = {
    TRACEPARENT: of.traceparent,
    REVEILLE_SERVICE: record.service,
    REVEILLE_INSTANCE: record.instance,
    REVEILLE_GENERATION: String(record.generation),
    REVEILLE_INSTANCE_KEY: keys.seed,
    REVEILLE_EDGE_KEY: of.edgeKey,
    REVEILLE_REPORT_URL: of.reports.url(record.instance, record.generation),
    REVEILLE_REPORT_TOKEN: of.reports.token(record.instance, record.generation),
    ...(tenant === undefined ? {} : { REVEILLE_TENANT: tenant }),
    ...(user === undefined ? {} : { REVEILLE_USER: user }),
  };
  for (const [service, endpoint] of deps) environment[dependencyVariable(service)] = endpoint.url;
  const request: StartRequest = {
    name: record.intent?.name ?? runNameOf(record),
    instance: record.instance,
    service: record.service,
    generation: record.generation,
    spec: subject.spec,
    catalogDir: of.catalog.dir,
    values: { scopeKey: record.scopeKey, tenant, user, generation: record.generation, deps },
    environment,
  };
  return { request, keys };
}
