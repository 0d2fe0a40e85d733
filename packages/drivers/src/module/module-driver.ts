import type { Driver } from '@reveille/orchestration';
import { createHostDriver, type ProcessDriverOptions } from '../process/process-driver.ts';
import { planModule } from './module-plan.ts';

/**
 * Starts JavaScript and TypeScript modules, each in a process of its own, which lives and dies with this driver as those of the
 * process driver do.
 */
export function createModuleDriver(options: ProcessDriverOptions): Driver & AsyncDisposable {
  const namespace = `${options.namespace}/module`;
  return createHostDriver({ ...options, namespace }, { driver: 'module', plan: planModule });
}
