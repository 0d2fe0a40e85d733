import type { Catalog, Condition, Entrypoint, EntrypointName } from '@reveille/contracts';
import { foldText } from '../../content/fold-text.ts';
import { serviceOf } from '../service-graph.ts';
import { expectedService } from './check-dependencies.ts';
import { type CatalogFault, fault } from './fault.ts';
import type { CatalogCheckTools } from './tools.ts';

/** What an entrypoint asks of its service, of its frames and of its browsers. */
export function checkEntrypoint(
  catalog: Catalog,
  name: EntrypointName,
  of: Entrypoint,
  tools: CatalogCheckTools,
): CatalogFault[] {
  const path = ['entrypoints', name];
  return [
    ...checkService(catalog, path, of, tools.unreadable ?? new Set()),
    ...checkLimits(path, of),
    ...checkOrigins(path, of),
    ...checkRules([...path, 'authenticity'], of, tools),
  ];
}

function checkService(
  catalog: Catalog,
  path: (string | number)[],
  of: Entrypoint,
  unreadable: ReadonlySet<string>,
): CatalogFault[] {
  const service = serviceOf(catalog, of.service);
  if (service === undefined)
    return unreadable.has(of.service)
      ? []
      : [fault([...path, 'service'], `"${of.service}"`, expectedService(catalog, unreadable, of.service))];
  if (of.provenance === 'required' && service.start.http !== undefined)
    return [
      fault(
        [...path, 'provenance'],
        'required',
        'endpoint',
        `"${of.service}" is started by an HTTP call, which gives it no key to prove itself with`,
      ),
    ];
  return [];
}

function checkLimits(path: (string | number)[], of: Entrypoint): CatalogFault[] {
  const { heldBytes, messageBytes } = of.limits;
  if (heldBytes >= messageBytes) return [];
  const expected = `at least ${messageBytes} (limits.messageBytes)`;
  const why = 'a message of the allowed size could not be held while services start';
  return [fault([...path, 'limits', 'heldBytes'], `${heldBytes}`, expected, why)];
}

function checkOrigins(path: (string | number)[], of: Entrypoint): CatalogFault[] {
  return (of.allowedOrigins ?? []).flatMap((origin, index) =>
    origin === '*' || /^[a-z][a-z0-9+.-]*:\/\/[^\s/?#]+$/.test(origin)
      ? []
      : [
          fault(
            [...path, 'allowedOrigins', index],
            JSON.stringify(origin),
            'an origin as browsers send it, such as https://app.example.com, without a path',
          ),
        ],
  );
}

function checkRules(path: (string | number)[], of: Entrypoint, tools: CatalogCheckTools): CatalogFault[] {
  const { forbid, require: required } = of.authenticity;
  const faults: CatalogFault[] = [];
  if (of.frames !== 'json' && forbid.length + required.length > 0)
    faults.push(fault(path, `content rules with frames: ${of.frames}`, 'frames: json, or no content rules'));
  for (const [index, rule] of forbid.entries()) {
    const at = [...path, 'forbid', index];
    if ('schema' in rule) faults.push(...checkSchema([...at, 'schema'], rule.schema, tools));
    else faults.push(...checkExpression(at, rule, tools));
  }
  for (const [index, rule] of required.entries()) {
    const at = [...path, 'require', index];
    if (rule.when !== undefined) faults.push(...checkExpression([...at, 'when'], rule.when, tools));
    for (const [nth, condition] of (rule.anyOf ?? []).entries())
      faults.push(...checkExpression([...at, 'anyOf', nth], condition, tools));
    if (rule.schema !== undefined) faults.push(...checkSchema([...at, 'schema'], rule.schema, tools));
  }
  return faults;
}

function checkExpression(path: (string | number)[], rule: Condition, tools: CatalogCheckTools): CatalogFault[] {
  for (const test of ['startsWith', 'contains'] as const)
    if (rule[test] !== undefined && foldText(rule[test]) === '')
      return [
        fault([...path, test], JSON.stringify(rule[test]), 'a text with visible characters', 'every text has this'),
      ];
  const wrong = rule.matches === undefined ? undefined : tools.regexFault(rule.matches);
  if (wrong === undefined) return [];
  return [fault([...path, 'matches'], JSON.stringify(rule.matches), 'a regular expression (RE2 syntax)', wrong)];
}

function checkSchema(
  path: (string | number)[],
  schema: Record<string, unknown>,
  tools: CatalogCheckTools,
): CatalogFault[] {
  const wrong = tools.schemaFault(schema);
  return wrong === undefined ? [] : [fault(path, 'a schema that cannot be used', 'a JSON Schema (2020-12)', wrong)];
}
