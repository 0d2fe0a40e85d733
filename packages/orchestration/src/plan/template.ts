import type { Endpoint, ScopeKey, Service, ServiceName } from '@reveille/contracts';

/** What can be filled into the templates of one instance. What is not known is absent, never an empty text. */
export type TemplateValues = {
  port?: number | undefined;
  scopeKey: ScopeKey;
  tenant?: string | undefined;
  user?: string | undefined;
  generation: number;
  /** Endpoints of the dependencies, by the name of the service. */
  deps: ReadonlyMap<ServiceName, Endpoint>;
  /** Secrets by name, where a text may hold them. */
  secrets?: ReadonlyMap<string, string> | undefined;
};

/** `{name}`; `{{name}}` is the literal text `{name}`. Other braces (JSON in an argument) are plain text. */
const placeholder = /\{\{([A-Za-z][\w.-]*)\}\}|\{([A-Za-z][\w.-]*)\}/g;

/** The variables that a text asks for, in order. */
export function variablesIn(text: string): string[] {
  return [...text.matchAll(placeholder)].flatMap(([, , name]) => (name === undefined ? [] : [name]));
}

/**
 * The text with its variables filled in, or the first variable that has no value. Values are put in as they are: arguments are
 * never given to a shell.
 */
export function renderTemplate(text: string, values: TemplateValues): string | { unknown: string } {
  let unknown: string | undefined;
  const rendered = text.replace(placeholder, (whole, literal: string | undefined, name: string | undefined) => {
    if (name === undefined) return `{${literal}}`;
    const value = valueOf(name, values);
    if (value === undefined) unknown ??= name;
    return value ?? whole;
  });
  return unknown === undefined ? rendered : { unknown };
}

/** Every variable that texts of this service may name. */
export function templateVariables(of: Service): string[] {
  const dependencies = of.dependsOn.flatMap(({ service }) =>
    (['url', 'host', 'port'] as const).map((part) => `deps.${service}.${part}`),
  );
  return [
    ...(hasPort(of) ? ['port'] : []),
    'scopeKey',
    ...(of.scope === 'global' ? [] : ['tenant']),
    ...(of.scope === 'user' ? ['user'] : []),
    'generation',
    ...dependencies,
  ];
}

/** Of what somebody else starts only a fixed port is known beforehand. */
function hasPort({ endpoint, start }: Service): boolean {
  return endpoint.port !== 'reported' && (start.http === undefined || endpoint.port !== 'auto');
}

function valueOf(name: string, values: TemplateValues): string | undefined {
  switch (name) {
    case 'port':
      return values.port?.toString();
    case 'scopeKey':
      return values.scopeKey;
    case 'tenant':
      return values.tenant;
    case 'user':
      return values.user;
    case 'generation':
      return values.generation.toString();
    default: {
      const [, secret] = /^secrets\.(.+)$/.exec(name) ?? [];
      if (secret !== undefined) return values.secrets?.get(secret);
      const [, service, part] = /^deps\.([a-z][a-z0-9_-]*)\.(url|host|port)$/.exec(name) ?? [];
      if (service === undefined) return undefined;
      return values.deps.get(service as ServiceName)?.[part as keyof Endpoint].toString();
    }
  }
}

/** A text of a service in which variables are filled in, and where it stands in the service. */
export type TemplatedText = { path: (string | number)[]; text: string; mayHoldSecrets?: true };

/** All of them: commands, their folders, environments, URLs, headers and names. Other fields are taken as written. */
export function templatedTexts(of: Service): TemplatedText[] {
  const { process, module, docker, kubernetes, http } = of.start;
  return [
    ...textsIn(['start', 'process', 'command'], process?.command),
    ...textsIn(['start', 'process', 'cwd'], process?.cwd),
    ...secretly(textsIn(['start', 'process', 'env'], process?.env)),
    ...secretly(textsIn(['start', 'module', 'env'], module?.env)),
    ...textsIn(['start', 'docker', 'image'], docker?.image),
    ...textsIn(['start', 'docker', 'command'], docker?.command),
    ...secretly(textsIn(['start', 'docker', 'env'], docker?.env)),
    ...textsIn(['start', 'docker', 'volumes'], docker?.volumes),
    ...textsIn(['start', 'docker', 'networks'], docker?.networks),
    ...textsIn(['start', 'kubernetes', 'scale', 'name'], kubernetes?.scale?.name),
    ...textsIn(['start', 'kubernetes', 'scale', 'namespace'], kubernetes?.scale?.namespace),
    ...textsIn(['start', 'kubernetes', 'template', 'namespace'], kubernetes?.template?.namespace),
    ...(['start', 'stop', 'status'] as const).flatMap((call) => [
      ...textsIn(['start', 'http', call, 'url'], http?.[call]?.url),
      ...secretly(textsIn(['start', 'http', call, 'headers'], http?.[call]?.headers)),
    ]),
    ...(['ready', 'live'] as const).flatMap((probe) => textsIn([probe, 'exec', 'command'], of[probe]?.exec?.command)),
  ];
}

/** Environments and headers: everybody on a host sees the arguments of a command, and URLs stand in logs. */
function secretly(texts: readonly TemplatedText[]): TemplatedText[] {
  return texts.map((one) => ({ ...one, mayHoldSecrets: true }));
}

function textsIn(
  path: (string | number)[],
  value: string | readonly string[] | Readonly<Record<string, string>> | undefined,
): TemplatedText[] {
  if (value === undefined) return [];
  if (typeof value === 'string') return [{ path, text: value }];
  if (isList(value)) return value.map((text, index) => ({ path: [...path, index], text }));
  return Object.entries(value).map(([name, text]) => ({ path: [...path, name], text }));
}

function isList(value: readonly string[] | Readonly<Record<string, string>>): value is readonly string[] {
  return Array.isArray(value);
}
