import { ConfigError, type ConfigFault } from './config-error.ts';
import type { Setting } from './setting.ts';

/** Settings by the names that the program uses for them. */
export type ConfigSpec = Readonly<Record<string, Setting<unknown>>>;

/** The values of a spec. */
export type ConfigOf<S extends ConfigSpec> = { readonly [K in keyof S]: S[K] extends Setting<infer T> ? T : never };

/**
 * Judges settings that belong together; its faults join the report. When it reads a setting that is itself at fault, it is
 * skipped, since that setting is reported already.
 */
export type CrossCheck<C> = (config: C) => ConfigFault | readonly ConfigFault[] | undefined;

/**
 * Reads a configuration from environment variables. Empty variables count as unset; nothing else is ever corrected.
 * @throws ConfigError with all faults, of single settings and of the cross checks.
 */
export function loadConfig<const S extends ConfigSpec>(
  env: Readonly<Record<string, string | undefined>>,
  spec: S,
  crossChecks: readonly CrossCheck<ConfigOf<S>>[] = [],
): ConfigOf<S> {
  const config: Record<string, unknown> = {};
  const faulty = new Set<string>();
  const faults: ConfigFault[] = [];
  for (const [key, setting] of Object.entries(spec)) {
    const reading = setting.read(env[setting.name]);
    if (reading.ok) {
      config[key] = reading.value;
    } else {
      faulty.add(key);
      faults.push({ name: setting.name, found: reading.found, expected: reading.expected });
    }
  }
  for (const check of crossChecks) faults.push(...runCheck(check, config as ConfigOf<S>, faulty));
  if (faults.length > 0) throw new ConfigError(faults);
  return Object.freeze(config) as ConfigOf<S>;
}

/** Thrown through a cross check that touches a setting without a value. */
const FAULTY_SETTING_READ = Symbol('faulty setting read');

function runCheck<C extends object>(
  check: CrossCheck<C>,
  config: C,
  faulty: ReadonlySet<string>,
): readonly ConfigFault[] {
  const guarded = new Proxy(config, {
    get(target, key, receiver): unknown {
      if (typeof key === 'string' && faulty.has(key)) throw FAULTY_SETTING_READ;
      return Reflect.get(target, key, receiver);
    },
  });
  try {
    const found = check(guarded);
    return found === undefined ? [] : Array.isArray(found) ? found : [found as ConfigFault];
  } catch (error) {
    if (error === FAULTY_SETTING_READ) return [];
    throw error;
  }
}
