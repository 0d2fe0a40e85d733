import { cpus, loadavg, release, totalmem, type } from 'node:os';
import { findRedisServer } from '@reveille/broker/server';

/** Where a run was made. */
export type Machine = {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly system: string;
  readonly node: string;
  readonly redis: string;
  /** The average of the last minute, before and after the run. A load above the cores means that others were at work too. */
  readonly load: { readonly before: number; readonly after: number };
};

export function describeMachine(loadBefore: number): Machine {
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown processor',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    node: process.version,
    redis: findRedisServer()?.version ?? 'unknown',
    load: { before: loadBefore, after: currentLoad() },
  };
}

export function currentLoad(): number {
  return Math.round((loadavg()[0] ?? 0) * 10) / 10;
}

/** Others were at work too: one run by itself keeps the load near the number of cores. */
export function isBusy({ cores, load }: Machine): boolean {
  return load.before > cores;
}

export function machineText({ processor, cores, memoryGb, system, node, redis, load }: Machine): string {
  return `${processor}, ${cores} cores, ${memoryGb} GB, ${system}, Node ${node}, Redis ${redis} on loopback; load average ${load.before} before and ${load.after} after the run`;
}
