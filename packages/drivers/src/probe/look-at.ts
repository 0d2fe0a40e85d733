import type { Endpoint, LiveProbe, ReadyProbe } from '@reveille/contracts';
import { DriverError } from '@reveille/orchestration';
import type { CommandContext } from '../process/command-context.ts';
import { lookByExec } from './exec-probe.ts';
import { lookByHttp } from './http-probe.ts';
import type { Look } from './look.ts';
import { lookByTcp } from './tcp-probe.ts';

type Ways = Pick<ReadyProbe | LiveProbe, 'http' | 'tcp' | 'exec' | 'timeoutMs'>;
type LookOptions = { signal: AbortSignal; command?: CommandContext | undefined };

/** Whether a probe asks again and again. The others (`log`, `reported`) wait to be told. */
export function asks(probe: Ways): boolean {
  return probe.http !== undefined || probe.tcp !== undefined || probe.exec !== undefined;
}

/** One look by whichever way of asking the probe names. Never longer than its time-out. */
export function lookAt(probe: Ways, endpoint: Endpoint, options: LookOptions): Promise<Look> {
  const { signal } = options;
  const { timeoutMs } = probe;
  if (probe.http !== undefined)
    return lookByHttp(probe.http, endpoint, { timeoutMs: probe.http.timeoutMs ?? timeoutMs, signal });
  if (probe.tcp !== undefined)
    return lookByTcp({ host: endpoint.host, port: probe.tcp.port ?? endpoint.port }, { timeoutMs, signal });
  if (probe.exec !== undefined) {
    if (options.command === undefined)
      throw new DriverError('driver_error', 'an exec probe needs the context of its command');
    return lookByExec(probe.exec.command, options.command, { timeoutMs, signal });
  }
  throw new DriverError('driver_error', 'a probe that waits for a log line or a report cannot be asked');
}
