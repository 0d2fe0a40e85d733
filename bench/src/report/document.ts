import type { Breakdown } from '../measure/figure.ts';
import { isBusy, machineText } from './machine.ts';
import { number } from './numbers.ts';
import type { Result } from './result.ts';
import { markdownTable, targetTable } from './table.ts';

const begin = '<!-- results: written by `npm run bench` -->';
const end = '<!-- end of results -->';

/**
 * The page with the results of a run, as one of the texts below, between its two marks.
 * @throws Error when the page has no such marks: nothing is written to a place that was not meant for it
 */
export function withResults(page: string, text: string): string {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`the page has no "${begin}" before "${end}"`);
  return `${page.slice(0, from)}${begin}\n\n${text}\n\n${page.slice(to)}`;
}

/** For who wants to know in a minute: the figures that have a target. */
export function summaryText({ at, machine, rows }: Result): string {
  const words = isBusy(machine) ? [busyWords] : [];
  return [`${at}: ${machineText(machine)}.`, ...words, targetTable(rows)].join('\n\n');
}

export function resultText(result: Result): string {
  const { rows, notes, breakdowns, machine } = result;
  return [
    `${result.at}: ${machineText(machine)}.`,
    ...(isBusy(machine) ? [busyWords] : []),
    markdownTable(rows),
    notes.map((note) => `- ${note}`).join('\n'),
    ...breakdowns.map(breakdownText),
  ].join('\n\n');
}

const busyWords =
  'The machine was busy with other work during this run: more processes wanted to run than it has cores. Times are several times those of a quiet machine, and figures that start processes suffer more from it than the references beside them.';

/** Phases of the same name below each other: where the time goes. */
export function breakdownText({ title, unit, parts }: Breakdown): string {
  const lines = parts.map(({ what, value }) => `| ${what} | ${number(value)} ${unit} |`);
  return [`**${title}**`, ['| phase | mean |', '| --- | --- |', ...lines].join('\n')].join('\n\n');
}
