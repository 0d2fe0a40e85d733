import { type Effort, type Figure, type FigureResult, shareOfTarget } from './measure/figure.ts';
import { currentLoad, describeMachine } from './report/machine.ts';
import type { Result } from './report/result.ts';

/** Measures one figure after another: side by side they would measure each other. */
export async function runFigures(figures: readonly Figure[], effort: Effort): Promise<Result> {
  const began = performance.now();
  const loadBefore = currentLoad();
  const results: FigureResult[] = [];
  for (const figure of figures) {
    effort.say(`${figure.name}: ${figure.about} ...`);
    results.push(await figure.measure(effort));
  }
  return {
    at: new Date().toISOString().slice(0, 10),
    tookMs: Math.round(performance.now() - began),
    machine: describeMachine(loadBefore),
    rows: results.flatMap(({ rows }) => rows),
    breakdowns: results.flatMap(({ breakdowns = [] }) => breakdowns),
    notes: results.flatMap(({ notes = [] }) => notes),
  };
}

/**
 * What no noise of a machine explains: a figure that is so many times its target, or no number at all. For CI, which asks whether
 * all of it still runs and is roughly right; whether a target is met is read off the table of a quiet machine.
 */
const insaneShare = 50;

export function insaneRows({ rows }: Result): string[] {
  return rows
    .filter((row) => !Number.isFinite(row.ratio) || row.ratio <= 0 || (shareOfTarget(row) ?? 0) > insaneShare)
    .map(({ what, ratio }) => `${what}: ${ratio}`);
}
