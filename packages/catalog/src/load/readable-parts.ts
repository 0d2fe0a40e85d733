import { type Catalog, catalog, entrypoint, entrypointName, service, serviceName } from '@reveille/contracts';

/**
 * What of a faulty catalog can be read: each service and entrypoint that is right by itself, so that the rules between them are
 * checked in the same report. `unreadable` names the services that are declared and faulty. Undefined where no services are declared
 * at all: every rule would only repeat that.
 */
export function readableParts(value: unknown): { catalog: Catalog; unreadable: Set<string> } | undefined {
  const declared = entriesOf(value, 'services');
  if (declared === undefined) return undefined;
  const services = declared.map(([name, raw]) => ({
    name,
    read: serviceName.safeParse(name).success ? service.safeParse(raw).data : undefined,
  }));
  const entrypoints = (entriesOf(value, 'entrypoints') ?? []).map(([name, raw]) => ({
    name,
    read: entrypointName.safeParse(name).success ? entrypoint.safeParse(raw).data : undefined,
  }));
  return {
    catalog: {
      version: catalog.shape.version.value,
      services: Object.fromEntries(services.flatMap(({ name, read }) => (read === undefined ? [] : [[name, read]]))),
      entrypoints: Object.fromEntries(
        entrypoints.flatMap(({ name, read }) => (read === undefined ? [] : [[name, read]])),
      ),
    },
    unreadable: new Set(services.flatMap(({ name, read }) => (read === undefined ? [name] : []))),
  };
}

function entriesOf(value: unknown, key: string): [string, unknown][] | undefined {
  const part = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
  return typeof part === 'object' && part !== null && !Array.isArray(part) ? Object.entries(part) : undefined;
}
