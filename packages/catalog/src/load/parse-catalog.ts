import { dirname, resolve } from 'node:path';
import { type Catalog, catalog as catalogSchema, type Service } from '@reveille/contracts';
import { checkCatalog } from '@reveille/orchestration';
import { CatalogError, type LocatedFault } from '../catalog-error.ts';
import { regexFault } from '../engine/compile-regex.ts';
import { schemaFault } from '../engine/compile-schema.ts';
import type { SchemaFault } from '../explain/explain-issue.ts';
import { explainIssues } from '../explain/explain-issues.ts';
import { readYaml } from '../yaml/read-yaml.ts';
import { pathText, type Position, type SourceMap } from '../yaml/source-map.ts';
import { digestOf } from './digest.ts';
import { readableParts } from './readable-parts.ts';

export type LoadedCatalog = {
  /** Defaults filled in, every rule met. */
  catalog: Catalog;
  /** 16 hexadecimal digits, the same for the same meaning. */
  digest: string;
  /** As it was named. */
  file: string;
  /** Absolute folder of the file: `cwd` and files of services are relative to it. */
  dir: string;
};

export type CatalogRules = {
  /** Why a service cannot be started by whoever reads the catalog, in words; undefined when it can. */
  unsupported?(service: Service): string | undefined;
};

/** Reads a catalog from its text. Throws {@link CatalogError} with all faults of syntax, schema and rules. */
export function parseCatalog(text: string, file: string, rules: CatalogRules = {}): LoadedCatalog {
  const yaml = readYaml(text);
  const faults: LocatedFault[] = yaml.faults.map((fault) => located(file, fault, fault.path, fault));
  if (yaml.content === undefined) throw new CatalogError(file, faults);
  const { value, source } = yaml.content;

  const parsed = catalogSchema.safeParse(value);
  const issues = parsed.success ? [] : explainIssues(parsed.error.issues, value);
  faults.push(...issues.map((fault) => located(file, place(source, fault), pathText(fault.path), fault)));

  const parts = parsed.success ? { catalog: parsed.data, unreadable: new Set<string>() } : readableParts(value);
  const broken =
    parts === undefined ? [] : checkCatalog(parts.catalog, { ...engineFaults, unreadable: parts.unreadable });
  const beyond = parsed.success ? unsupportedIn(parsed.data, rules) : [];
  faults.push(
    ...[...broken, ...beyond].map((fault) => located(file, source.valueAt(fault.path), pathText(fault.path), fault)),
  );

  if (!parsed.success || faults.length > 0) throw new CatalogError(file, faults);
  return { catalog: parsed.data, digest: digestOf(parsed.data), file, dir: dirname(resolve(file)) };
}

const engineFaults = { regexFault, schemaFault };

function unsupportedIn({ services }: Catalog, { unsupported }: CatalogRules) {
  return Object.entries(services).flatMap(([name, spec]) => {
    const words = unsupported?.(spec);
    if (words === undefined) return [];
    const path = ['services', name, 'start'];
    return [{ path, found: words, expected: 'a service that this version can start', message: words }];
  });
}

function place(source: SourceMap, fault: SchemaFault): Position {
  return fault.at === 'key' ? source.keyAt(fault.path) : source.valueAt(fault.path);
}

function located(
  file: string,
  { line, column }: Position,
  path: string,
  fault: { found: string; expected: string; message?: string },
): LocatedFault {
  const { found, expected, message = `found ${found}, expected ${expected}` } = fault;
  return { file, line, column, path, found, expected, message };
}
