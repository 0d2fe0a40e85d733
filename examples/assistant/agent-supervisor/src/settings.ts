import { serviceEnv } from '@reveille/service-kit';

export interface Settings {
  /** 0: any free port. */
  port: number;
  /** Base URL of the MCP server. */
  toolsUrl: string;
  /** Base URL of the thread service. */
  threadsUrl: string;
}

/** Variables that configure a language model. */
const MODEL_VARIABLES = ['MODEL', 'OPENAI_BASE_URL'] as const;

/** Reads the settings, or says every one that is wrong. Empty ones count as absent. */
export function readSettings(env: NodeJS.ProcessEnv): { settings: Settings } | { faults: string[] } {
  const { port, deps } = serviceEnv(env);
  const faults: string[] = [];
  const urlOf = (service: string): string => {
    const url = deps[service];
    if (url !== undefined && URL.canParse(url)) return url;
    const variable = `REVEILLE_DEP_${service.toUpperCase()}_URL`;
    faults.push(`${variable} must be the URL of ${service}, found ${url === undefined ? 'nothing' : `"${url}"`}.`);
    return '';
  };
  const settings = { port, toolsUrl: urlOf('tool_classes'), threadsUrl: urlOf('thread_service') };
  const model = MODEL_VARIABLES.filter((name) => env[name]);
  // Answering without a model that somebody asked for would be a substitute nobody is told about.
  if (model.length > 0) {
    faults.push(
      `${model.join(' and ')} asks for a language model, and this version has only the deterministic engine. ` +
        `Unset ${model.join(' and ')} to use that one.`,
    );
  }
  return faults.length > 0 ? { faults } : { settings };
}
