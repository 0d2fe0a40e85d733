import { serviceEnv } from '@reveille/service-kit';

export interface Settings {
  /** 0: any free port. */
  port: number;
  /** Base URL of the agent supervisor. */
  supervisorUrl: string;
}

/** Reads the settings, or says what is wrong with them. */
export function readSettings(env: NodeJS.ProcessEnv): { settings: Settings } | { fault: string } {
  const { port, deps } = serviceEnv(env);
  const url = deps['agent_supervisor'];
  if (url !== undefined && URL.canParse(url)) return { settings: { port, supervisorUrl: url } };
  const found = url === undefined ? 'nothing' : `"${url}"`;
  return { fault: `REVEILLE_DEP_AGENT_SUPERVISOR_URL must be the URL of agent_supervisor, found ${found}.` };
}
