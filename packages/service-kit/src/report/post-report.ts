import { channel } from 'node:diagnostics_channel';
import type { ServiceReport } from '@reveille/contracts';
import { postPlainly, postPrivately } from './post.ts';

const reports = channel('reveille.report');

/** `refused`: the report itself is not wanted, sending it again cannot help. `unreachable`: it may go better next time. */
export type PostOutcome = { taken: true } | { refused: string } | { unreachable: string };

export type ReportTarget = { url: string; token: string };

/** Where reports go, or undefined when the service was not started by Reveille. */
export function reportTarget(env: NodeJS.ProcessEnv = process.env): ReportTarget | undefined {
  const url = env['REVEILLE_REPORT_URL'];
  return url ? { url, token: env['REVEILLE_REPORT_TOKEN'] ?? '' } : undefined;
}

/** Sends one report. Listeners of the diagnostics channel `reveille.report` get it before it is on its way. */
export async function postReport(target: ReportTarget, report: ServiceReport, timeoutMs: number): Promise<PostOutcome> {
  reports.publish(report);
  const headers = { authorization: `Bearer ${target.token}`, 'content-type': 'application/json' };
  const url = new URL(target.url);
  const post = url.protocol === 'https:' ? postPrivately : postPlainly;
  try {
    const body = JSON.stringify(report);
    const { status, text } = await post(url, { headers, body, timeoutMs: Math.ceil(timeoutMs) });
    if (status >= 200 && status < 300) return { taken: true };
    const said = `${status} ${text}`.trim();
    const final = status >= 400 && status < 500 && ![408, 425, 429].includes(status);
    return final ? { refused: said } : { unreachable: said };
  } catch (error) {
    return { unreachable: error instanceof Error ? error.message : String(error) };
  }
}
