import type { Service, ServiceName } from '@reveille/contracts';
import { nearestName } from '../nearest-name.ts';
import { templatedTexts, templateVariables, variablesIn } from '../template.ts';
import { type CatalogFault, fault } from './fault.ts';

/** How a service is started: one kind of Kubernetes start, an environment that does not fight with ours, templates with values. */
export function checkStart(name: ServiceName, of: Service): CatalogFault[] {
  const path = ['services', name];
  return [
    ...checkKubernetes(path, of),
    ...checkScale(path, of),
    ...checkEnvironment(path, of),
    ...checkTemplates(path, of),
  ];
}

function checkKubernetes(path: (string | number)[], of: Service): CatalogFault[] {
  const { kubernetes } = of.start;
  if (kubernetes === undefined || (kubernetes.scale === undefined) !== (kubernetes.template === undefined)) return [];
  const found = kubernetes.scale === undefined ? 'none' : 'scale and template';
  return [fault([...path, 'start', 'kubernetes'], found, 'exactly one of scale, template')];
}

/** Copies of a scoped service run side by side, and one workload has one size and one Secret. */
function checkScale(path: (string | number)[], of: Service): CatalogFault[] {
  const { scale } = of.start.kubernetes ?? {};
  if (scale === undefined) return [];
  const at = [...path, 'start', 'kubernetes', 'scale'];
  const names = (['name', 'namespace'] as const).flatMap((key) => {
    const text = scale[key];
    if (text === undefined || isObjectName(text)) return [];
    return [fault([...at, key], text, 'a name of Kubernetes: lower case letters, digits, "-" and "."')];
  });
  const variables = variablesIn(`${scale.name} ${scale.namespace ?? ''}`);
  const enough = of.scope === 'tenant' ? ['scopeKey', 'tenant'] : ['scopeKey', 'user'];
  if (of.scope === 'global' || variables.some((variable) => enough.includes(variable))) return names;
  const why = `the service runs once for each ${of.scope}, and one workload cannot run for several`;
  return [...names, fault([...at, 'name'], scale.name, 'a name with {scopeKey}', why)];
}

/** Variables stand for something that may be part of a name. */
function isObjectName(text: string): boolean {
  return /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/.test(text.replaceAll(/\{[A-Za-z][\w.-]*\}/g, 'x'));
}

function checkEnvironment(path: (string | number)[], of: Service): CatalogFault[] {
  const ours = (variable: string): boolean =>
    variable.startsWith('REVEILLE_') ||
    variable === 'TRACEPARENT' ||
    (variable === 'PORT' && of.endpoint.port !== 'reported');
  const set = (['process', 'module', 'docker'] as const).flatMap((driver) =>
    Object.keys(of.start[driver]?.env ?? {})
      .filter(ours)
      .map((variable) =>
        fault(
          [...path, 'start', driver, 'env', variable],
          variable,
          'another name',
          'Reveille gives the service this variable',
        ),
      ),
  );
  const passed = (['process', 'module'] as const).flatMap((driver) =>
    (of.start[driver]?.passEnv ?? []).flatMap((variable, index) =>
      ours(variable)
        ? fault(
            [...path, 'start', driver, 'passEnv', index],
            variable,
            'another name',
            'variables of Reveille itself are not handed on',
          )
        : [],
    ),
  );
  const taken = Object.entries(of.secrets ?? {}).flatMap(([secret, source]) =>
    'env' in source && (source.env.startsWith('REVEILLE_') || source.env.startsWith('REDIS_'))
      ? fault(
          [...path, 'secrets', secret, 'env'],
          source.env,
          'another variable',
          'variables of Reveille itself are not handed on',
        )
      : [],
  );
  return [...set, ...passed, ...taken];
}

function checkTemplates(path: (string | number)[], of: Service): CatalogFault[] {
  const plain = templateVariables(of);
  const secrets = Object.keys(of.secrets ?? {}).map((secret) => `secrets.${secret}`);
  return templatedTexts(of).flatMap((templated) => {
    const known = templated.mayHoldSecrets ? [...plain, ...secrets] : plain;
    return variablesIn(templated.text)
      .filter((variable) => !known.includes(variable))
      .map((variable) => {
        const meant = nearestName(variable, known);
        const expected =
          meant === undefined
            ? `one of ${known.map((each) => `{${each}}`).join(', ')}`
            : `a variable of this service (did you mean {${meant}}?)`;
        return fault([...path, ...templated.path], `{${variable}}`, expected, whyUnknown(variable, of));
      });
  });
}

function whyUnknown(variable: string, of: Service): string {
  const literal = `for the text itself write {{${variable}}}`;
  const [, dependency] = /^deps\.([^.]+)\./.exec(variable) ?? [];
  if (dependency !== undefined && of.dependsOn.every(({ service }) => service !== dependency))
    return `"${dependency}" is not in dependsOn; ${literal}`;
  if (variable === 'tenant' || variable === 'user')
    return `the service is ${of.scope}, one for all of them; ${literal}`;
  if (variable.startsWith('secrets.'))
    return variable.slice('secrets.'.length) in (of.secrets ?? {})
      ? 'secrets can be put into env and headers only, where nobody else reads them'
      : `"${variable.slice('secrets.'.length)}" is not in secrets; ${literal}`;
  if (variable === 'port' && of.start.http !== undefined)
    return `only a fixed port is known before somebody else starts it; ${literal}`;
  if (variable === 'port') return `the port is reported by the service after its start; ${literal}`;
  return literal;
}
