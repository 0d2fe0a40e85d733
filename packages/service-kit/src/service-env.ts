/** What Reveille gave a service in its environment. All but `port` and `deps` are absent when the service was started by hand. */
export type ServiceEnv = {
  /** Where to listen; 0 (any free port) when there is no `PORT`. */
  port: number;
  service?: string;
  instance?: string;
  tenant?: string;
  user?: string;
  generation?: number;
  /** Base URL by name of the dependency, lower-cased as the variable is upper-cased: `REVEILLE_DEP_TOOL_CLASSES_URL` is `tool_classes`. */
  deps: Record<string, string>;
  /** The span that this start belongs to (W3C trace context). */
  traceparent?: string;
  /** Ed25519 seed of this generation, base64url. A secret. */
  instanceKey?: string;
  /** Public keys of the edges: see `edgePublicKeys`. */
  edgeKey?: string;
};

/**
 * Reads the variables of `docs/service-contract.md`. Empty ones count as absent.
 *
 * @throws RangeError when `PORT` or `REVEILLE_GENERATION` is not a whole number in its range.
 */
export function serviceEnv(env: NodeJS.ProcessEnv = process.env): ServiceEnv {
  const deps: Record<string, string> = Object.create(null);
  for (const [variable, value] of Object.entries(env)) {
    const name = /^REVEILLE_DEP_(.+)_URL$/.exec(variable)?.[1];
    if (name !== undefined && value) deps[name.toLowerCase()] = value;
  }
  const texts = {
    service: env['REVEILLE_SERVICE'],
    instance: env['REVEILLE_INSTANCE'],
    tenant: env['REVEILLE_TENANT'],
    user: env['REVEILLE_USER'],
    traceparent: env['TRACEPARENT'],
    instanceKey: env['REVEILLE_INSTANCE_KEY'],
    edgeKey: env['REVEILLE_EDGE_KEY'],
  };
  const given = Object.fromEntries(Object.entries(texts).filter(([, value]) => value));
  const generation = env['REVEILLE_GENERATION'];
  return {
    port: wholeNumber('PORT', env['PORT'] || '0', 65_535),
    ...given,
    ...(generation ? { generation: wholeNumber('REVEILLE_GENERATION', generation, Number.MAX_SAFE_INTEGER) } : {}),
    deps,
  };
}

function wholeNumber(variable: string, text: string, highest: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value <= highest)) throw new RangeError(`${variable} must be a whole number up to ${highest}, not "${text}".`);
  return value;
}
