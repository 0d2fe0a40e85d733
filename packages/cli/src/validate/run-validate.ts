import { CatalogError, type LoadedCatalog, readCatalog } from '@reveille/catalog';
import { unsupported } from '@reveille/drivers';
import { criticalPath, type Plan } from '@reveille/orchestration';
import type { CliContext } from '../cli/context.ts';
import { exitCodes } from '../cli/exit-code.ts';
import type { LedgerOptions } from '../ledger/open-ledger.ts';
import { type History, readHistory } from '../plan/history.ts';
import { planFor, type PlanUser } from '../plan/plan-for.ts';
import { expectedPlanLines } from '../render/expected-plan-lines.ts';

export type ValidateOptions = LedgerOptions &
  PlanUser & { readonly catalog: string; readonly plan?: string; readonly json: boolean };

/** Reads the catalog and says everything that is wrong with it, also what the drivers of this version cannot start; with `plan`, what an entrypoint needs. Resolves with the exit status. */
export async function runValidate(options: ValidateOptions, context: CliContext): Promise<number> {
  const { terminal } = context;
  const read = await readOrFaults(options.catalog);
  if (read instanceof CatalogError) {
    if (options.json) terminal.out(`${JSON.stringify({ valid: false, faults: read.faults }, undefined, 2)}\n`);
    else terminal.err(`${read.report}\n`);
    return exitCodes.usage;
  }
  const plan = options.plan === undefined ? undefined : await planFor(read, options.plan, options);
  const services = plan?.instances.map(({ service }) => service) ?? [];
  const history = plan === undefined ? undefined : await readHistory(services, options, context);
  if (options.json) terminal.out(`${JSON.stringify(jsonOf(read, plan, history), undefined, 2)}\n`);
  else terminal.out(`${textOf(read, plan, history, terminal.outIsTty ? terminal.columns : Infinity).join('\n')}\n`);
  return exitCodes.done;
}

async function readOrFaults(file: string): Promise<LoadedCatalog | CatalogError> {
  try {
    return await readCatalog(file, { unsupported });
  } catch (error) {
    if (error instanceof CatalogError) return error;
    throw error;
  }
}

function textOf(
  { catalog, file, digest }: LoadedCatalog,
  plan: Plan | undefined,
  history: History | undefined,
  columns: number,
): string[] {
  const services = Object.keys(catalog.services).length;
  const entrypoints = Object.keys(catalog.entrypoints);
  const summary = `${file} is valid: ${services} ${services === 1 ? 'service' : 'services'}, entrypoints ${entrypoints.join(', ') || 'none'} (digest ${digest}).`;
  if (plan === undefined || history === undefined) return [summary];
  return [summary, '', `Plan of ${plan.entrypoint}:`, ...expectedPlanLines(plan, history, columns)];
}

function jsonOf({ digest, file }: LoadedCatalog, plan: Plan | undefined, history: History | undefined): object {
  if (plan === undefined || history === undefined) return { valid: true, file, digest };
  const expected = (service: string): number | undefined => (history.known ? history.medians.get(service) : undefined);
  const { totalMs, path, perService, unknown } = criticalPath(plan, expected);
  const instances = plan.instances.map((planned) => ({
    ...planned,
    expectedMs: expected(planned.service),
    ...(history.known ? perService.get(planned.service) : {}),
  }));
  return {
    ...{ valid: true, file, digest, entrypoint: plan.entrypoint, instances },
    history: history.known ? { known: true } : history,
    ...(history.known ? { criticalPath: { totalMs, path, unknown } } : {}),
  };
}
