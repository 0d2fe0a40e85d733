import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { broadcast } from './figure/broadcast.ts';
import { calls } from './figure/calls.ts';
import { cold } from './figure/cold.ts';
import { dockerStart } from './figure/docker.ts';
import { echoes } from './figure/echo.ts';
import { hands } from './figure/hands.ts';
import { idle } from './figure/idle.ts';
import { levels } from './figure/levels.ts';
import { memory } from './figure/memory.ts';
import { kubernetesImport } from './figure/kubernetes-import.ts';
import { moduleStart } from './figure/module.ts';
import { relays } from './figure/relays.ts';
import { rules } from './figure/rules.ts';
import { starts } from './figure/starts.ts';
import { telemetry } from './figure/telemetry.ts';
import { warm } from './figure/warm.ts';
import { type Options, readOptions } from './options.ts';
import { breakdownText, resultText, summaryText, withResults } from './report/document.ts';
import { drawing } from './report/drawing.ts';
import { machineText } from './report/machine.ts';
import type { Result } from './report/result.ts';
import { plainTable } from './report/table.ts';
import { insaneRows, runFigures } from './run.ts';

const figures = [
  cold,
  levels,
  warm,
  memory,
  idle,
  rules,
  echoes,
  broadcast,
  starts,
  hands,
  relays,
  moduleStart,
  kubernetesImport,
  dockerStart,
  telemetry,
  calls,
];
/** A run that takes longer hangs. */
const deadlineMs = 1_200_000;
const root = new URL('../..', import.meta.url);

/** Usage: npm run bench -- [--only NAME] [--quick] [--json] */
async function main(): Promise<number> {
  let options: Options;
  try {
    options = readOptions(
      process.argv.slice(2),
      figures.map(({ name }) => name),
    );
  } catch (error) {
    console.error(`bench: ${(error as Error).message}`);
    return 2;
  }
  if (process.platform !== 'linux') {
    console.error('bench: memory and processor time are read from /proc, so that it runs on Linux only.');
    return 2;
  }
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.once(name, () => stop.abort(new Error(`ended by ${name}`)));
  const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(deadlineMs)]);
  // What does not look at the signal is cut short; programs that were started end with this process.
  signal.addEventListener('abort', () => setTimeout(() => process.exit(1), 10_000).unref(), { once: true });

  const { only, quick, json } = options;
  const chosen = figures.filter(({ name }) => only.length === 0 || only.includes(name));
  const result = await runFigures(chosen, { quick, signal, say: (line) => console.error(line) });
  console.log(json ? JSON.stringify(result, null, 2) : textOf(result));
  if (only.length === 0 && !quick) await keep(result);
  const insane = insaneRows(result);
  for (const row of insane) console.error(`bench: this cannot be right: ${row}`);
  return insane.length === 0 ? 0 : 1;
}

function textOf(result: Result): string {
  const { rows, breakdowns, notes, machine, tookMs } = result;
  const parts = [plainTable(rows), ...breakdowns.map(breakdownText), notes.join('\n'), machineText(machine)];
  return `${parts.join('\n\n')}\nmeasured in ${Math.round(tookMs / 1000)} s`;
}

/** A whole run is what the documents show. */
async function keep(result: Result): Promise<void> {
  await mkdir(new URL('bench/results/', root), { recursive: true });
  await writeFile(new URL('bench/results/latest.json', root), `${JSON.stringify(result, null, 2)}\n`);
  await writeResults(new URL('docs/bench.md', root), resultText(result));
  await writeResults(new URL('README.md', root), summaryText(result));
  const { processor, cores, node } = result.machine;
  const caption = `npm run bench, ${result.at}: ${processor}, ${cores} cores, Node ${node}. Medians; every reference measured in the same run.`;
  await writeFile(new URL('docs/bench.svg', root), drawing(result.rows, caption));
}

async function writeResults(page: URL, text: string): Promise<void> {
  await writeFile(page, withResults(await readFile(page, 'utf8'), text));
}

process.exitCode = await main();
