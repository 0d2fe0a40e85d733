import { serviceEnv } from '@reveille/service-kit';
import { readModelSettings, type ModelSettings } from './model/model-settings.ts';

export interface Settings {
  /** 0: any free port. */
  port: number;
  /** Base URL of the MCP server. */
  toolsUrl: string;
  /** Base URL of the thread service. */
  threadsUrl: string;
  /** The language model behind the agents; absent when nobody asked for one. */
  model?: ModelSettings;
}

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
  const model = readModelSettings(env);
  faults.push(...model.faults);
  if (faults.length > 0) return { faults };
  return { settings: { ...settings, ...(model.settings === undefined ? {} : { model: model.settings }) } };
}
