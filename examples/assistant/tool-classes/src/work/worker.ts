import { parentPort } from 'node:worker_threads';
import { accept, type Outcome, type Refusal } from '../table/refusal.ts';
import type { UsageTable } from '../table/usage-table.ts';
import { ALL_TOOLS } from '../tools/all-tools.ts';
import type { Order, Progress, Result, Said, TableText, Tell } from './job.ts';
import { ReadTables } from './read-tables.ts';

/**
 * The thread in which tools read and compute, one job after the other, so that the thread of the service stays free for those who ask.
 * It is ended from outside when its job is cancelled: nothing here has to look for that.
 */
if (parentPort === null) throw new Error('this is the inside of a worker thread');
const port = parentPort;
const tables = new ReadTables();
const tools = new Map(ALL_TOOLS.map((tool) => [tool.name, tool]));

/** Progress is told so often at most; the first only when the work has lasted as long: who waits less needs none. */
const TELL_MS = 250;

/** A table that was asked for and has not come yet. */
let awaited: { key: string; come: (text: TableText) => void } | undefined;

function say(said: Said): void {
  port.postMessage(said);
}

port.on('message', (order: Order) => {
  switch (order.type) {
    case 'forget':
      return tables.forget(order.prefix);
    case 'table':
      if (awaited?.key !== order.table.key) throw new Error('a table came that nobody had asked for');
      return awaited.come(order.table);
    case 'compute':
      return void compute(order).then(
        (result) => say({ type: 'done', result, holds: tables.keys }),
        (error: unknown) => say({ type: 'failed', error, holds: tables.keys }),
      );
  }
});

async function compute(order: Extract<Order, { type: 'compute' }>): Promise<Result> {
  const tool = tools.get(order.tool);
  if (tool === undefined) throw new Error(`there is no tool ${order.tool}`);
  const tell = seldom();
  const table = await tableOf(order.table, tell);
  if (!table.ok) return table;
  if (order.baseline === undefined) return tool.run({ table: table.value }, order.args, tell);
  const baseline = await tableOf(order.baseline, tell);
  if (!baseline.ok) return aboutBaseline(baseline.refusal);
  return tool.run({ table: table.value, baseline: baseline.value }, order.args, tell);
}

/** A refusal names the table that it is about. */
function aboutBaseline(refusal: Refusal): Result {
  return { ok: false, refusal: { ...refusal, message: `The table to compare with: ${refusal.message}` } };
}

async function tableOf(key: string, tell: Tell): Promise<Outcome<UsageTable>> {
  const known = tables.get(key);
  if (known !== undefined) return accept(known);
  const { promise, resolve } = Promise.withResolvers<TableText>();
  awaited = { key, come: resolve };
  say({ type: 'send', key });
  const text = await promise;
  awaited = undefined;
  return tables.read(text, tell);
}

function seldom(): Tell {
  let told = performance.now();
  return (progress: Progress) => {
    const now = performance.now();
    if (now - told < TELL_MS) return;
    told = now;
    say({ type: 'progress', progress });
  };
}
