import type { ServiceReport } from '@reveille/contracts';

/** `refused`: the report itself is not wanted, sending it again cannot help. `unreachable`: it may go better next time. */
export type PostOutcome = { taken: true } | { refused: string } | { unreachable: string };

export type ReportTarget = { url: string; token: string };

/** Where reports go, or undefined when the service was not started by Reveille. */
export function reportTarget(env: NodeJS.ProcessEnv = process.env): ReportTarget | undefined {
  const url = env['REVEILLE_REPORT_URL'];
  return url ? { url, token: env['REVEILLE_REPORT_TOKEN'] ?? '' } : undefined;
}

export async function postReport(target: ReportTarget, report: ServiceReport, timeoutMs: number): Promise<PostOutcome> {
  try {
    const response = await fetch(target.url, {
      method: 'POST',
      headers: { authorization: `Bearer ${target.token}`, 'content-type': 'application/json' },
      body: JSON.stringify(report),
      signal: AbortSignal.timeout(Math.ceil(timeoutMs)),
    });
    const text = (await response.text()).slice(0, 500);
    if (response.ok) return { taken: true };
    const said = `${response.status} ${text}`.trim();
    const final = response.status >= 400 && response.status < 500 && ![408, 425, 429].includes(response.status);
    return final ? { refused: said } : { unreachable: said };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return { unreachable: cause instanceof Error ? cause.message : String(cause) };
  }
}
