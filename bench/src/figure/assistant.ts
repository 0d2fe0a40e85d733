import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readCatalog } from '@reveille/catalog';
import type { Catalog, ServerFrame, ServiceName } from '@reveille/contracts';
import type { Visitor } from '../stage/visitor.ts';
import type { StageCatalog } from '../stage/stage.ts';
import { recorded } from '../stage/catalogs.ts';

const file = fileURLToPath(new URL('../../../examples/assistant/reveille.yaml', import.meta.url));

/** The catalog of the example, as it is shipped. */
export async function assistantCatalog(): Promise<Catalog> {
  return (await readCatalog(file)).catalog;
}

/** The assistant as it is, but that its services record their starts, keep their data in the stage's folder, and stop after their last user. */
export function assistantStage({ services, entrypoints, version }: Catalog): StageCatalog {
  return ({ startLog, dir }) => ({
    version,
    entrypoints,
    services: Object.fromEntries(
      Object.entries(services).map(([name, service]) => {
        const { process: run } = service.start;
        if (run === undefined) throw new Error(`${name} is not started as a process`);
        const env = {
          ...run.env,
          BENCH_STARTS: startLog,
          NODE_COMPILE_CACHE: `${dir}/compile-cache`,
          ...(name === 'thread_service' ? { THREAD_DATA_DIR: `${dir}/threads` } : {}),
        };
        const passEnv = run.passEnv?.filter((variable) => !(variable in env));
        const cwd = resolve(dirname(file), run.cwd ?? '.');
        const process = { ...run, command: recorded(run.command), cwd, env, ...(passEnv ? { passEnv } : {}) };
        return [name, { ...service, start: { process }, idle: { stopAfterMs: 1 } }];
      }),
    ) as Catalog['services'],
  });
}

/** Services of the chat's plan, dependencies first, and what each needs. */
export function planOfChat({ services, entrypoints }: Catalog): {
  services: string[];
  dependsOn: Record<string, string[]>;
  levels: number;
} {
  const entrypoint = Object.values(entrypoints)[0];
  if (entrypoint === undefined) throw new Error('the assistant has no entrypoint');
  const depth = new Map<ServiceName, number>();
  const dependsOn: Record<string, string[]> = {};
  const visit = (name: ServiceName): number => {
    const known = depth.get(name);
    if (known !== undefined) return known;
    const needs = (services[name]?.dependsOn ?? []).map(({ service }) => service);
    const level = 1 + Math.max(0, ...needs.map(visit));
    dependsOn[name] = needs;
    depth.set(name, level);
    return level;
  };
  const levels = visit(entrypoint.service);
  // In the order in which they were finished: each after what it needs.
  return { services: [...depth.keys()], dependsOn, levels };
}

/** Asks the assistant one question about a small table and gives the events of its answer. */
export async function askAssistant({ socket }: Visitor): Promise<object[]> {
  const events: object[] = [];
  const answered = Promise.withResolvers<void>();
  const hear = (data: Buffer): void => {
    const frame = JSON.parse(String(data)) as ServerFrame;
    if (frame.type === 'rejected' || frame.type === 'error') answered.reject(new Error(JSON.stringify(frame)));
    if (frame.type !== 'message') return;
    events.push(frame.data as object);
    if (frame.final === true) answered.resolve();
  };
  socket.on('message', hear);
  socket.once('close', (code, reason) => answered.reject(new Error(`the edge closed ${code} ${String(reason)}`)));
  const files = [{ name: 'usage.csv', type: 'text/csv', content: usageTable(2000) }];
  const data = { text: 'Where do the tokens go, and what could be saved?', files };
  socket.send(JSON.stringify({ type: 'send', id: 'question', data }));
  await answered.promise;
  socket.off('message', hear);
  if (!events.some((event) => 'result' in event))
    throw new Error(`the assistant gave no result: ${JSON.stringify(events.at(-1))}`);
  return events;
}

/** A table of AI usage with days, nights, two models and one peak; the same each time. */
function usageTable(rows: number): string {
  const lines = ['timestamp,model,input_tokens,output_tokens'];
  for (let row = 0; row < rows; row += 1) {
    const at = new Date(Date.UTC(2026, 0, 5) + row * 600_000);
    const busy = at.getUTCHours() >= 8 && at.getUTCHours() < 18 ? 3 : 1;
    const peak = row === 1200 ? 20 : 1;
    const model = row % 3 === 0 ? 'large' : 'small';
    const input = (400 + ((row * 7919) % 600)) * busy * peak;
    lines.push(`${at.toISOString()},${model},${input},${Math.round(input / 4) + ((row * 104_729) % 90)}`);
  }
  return `${lines.join('\n')}\n`;
}
