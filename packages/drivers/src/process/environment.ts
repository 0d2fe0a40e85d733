import type { ProcessStart } from '@reveille/contracts';
import { MARK_VARIABLE } from './mark.ts';

/** Where programs are looked for when the initializer itself has no PATH. */
const DEFAULT_PATH = '/usr/local/bin:/usr/bin:/bin';

/**
 * The whole environment of a started service. Of the initializer's own it holds `PATH` and what `passEnv` names: secrets
 * of the deployment must not reach services. Later entries win.
 */
export function childEnvironment(of: {
  host: NodeJS.ProcessEnv;
  start: Pick<ProcessStart, 'passEnv'>;
  /** `env` of the catalog, rendered. */
  env: Readonly<Record<string, string>>;
  /** `REVEILLE_*` and `TRACEPARENT`. */
  given: Readonly<Record<string, string>>;
  port: number | undefined;
  mark?: string;
}): Record<string, string> {
  const passed = (of.start.passEnv ?? []).flatMap((name) => {
    const value = of.host[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    PATH: of.host['PATH'] ?? DEFAULT_PATH,
    ...Object.fromEntries(passed),
    ...of.env,
    ...of.given,
    ...(of.port === undefined ? {} : { PORT: of.port.toString() }),
    ...(of.mark === undefined ? {} : { [MARK_VARIABLE]: of.mark }),
  };
}
