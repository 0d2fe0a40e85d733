import type { Terminal } from '../cli/terminal.ts';
import type { InstanceRow } from '../ledger/instance-row.ts';
import { changeLine } from '../render/change-line.ts';
import { instanceLines } from '../render/instance-lines.ts';
import { Painter } from './painter.ts';
import type { ProgressForm } from './progress.ts';

/** Shows what a look at the ledger has found. The result of a `watch` is what it shows: standard output. */
export interface WatchView extends Disposable {
  /** `now`: the clock of the ledger, epoch milliseconds. */
  show(rows: readonly InstanceRow[], now: number): void;
  /** The ledger cannot be read at the moment. */
  away(words: string): void;
}

/** A table in place on a terminal, else one line for each change. */
export function createWatchView(form: ProgressForm, title: string, terminal: Terminal): WatchView {
  switch (form) {
    case 'auto':
      return createWatchView(terminal.errIsTty && terminal.outIsTty ? 'tty' : 'plain', title, terminal);
    case 'tty':
      return inPlace(title, terminal);
    case 'plain':
      return byChange(terminal, changeLine);
    case 'json':
      return byChange(terminal, (_, row) => JSON.stringify(row));
  }
}

function inPlace(title: string, terminal: Terminal): WatchView {
  let lines: string[] = [];
  const painter = new Painter(terminal, () => lines.slice(0, terminal.rows - 1));
  return {
    show: (rows, now) => {
      const table =
        rows.length === 0 ? ['Nothing has been started yet.'] : instanceLines(rows, now, terminal.columns - 1);
      lines = [title, ...table];
      painter.touch();
    },
    away: (words) => {
      lines = [title, words];
      painter.touch();
    },
    [Symbol.dispose]: () => painter[Symbol.dispose](),
  };
}

function byChange(
  terminal: Terminal,
  lineOf: (before: InstanceRow | undefined, row: InstanceRow, now: number) => string | undefined,
): WatchView {
  let known = new Map<string, InstanceRow>();
  let lastWords: string | undefined;
  return {
    show: (rows, now) => {
      lastWords = undefined;
      for (const row of rows) {
        const before = known.get(row.instance);
        if (before !== undefined && sameRow(before, row)) continue;
        const line = lineOf(before, row, now);
        if (line !== undefined) terminal.out(`${line}\n`);
      }
      known = new Map(rows.map((row) => [row.instance, row]));
    },
    away: (words) => {
      if (words !== lastWords) terminal.err(`reveille: ${words}; trying again\n`);
      lastWords = words;
    },
    [Symbol.dispose]: () => undefined,
  };
}

function sameRow(one: InstanceRow, other: InstanceRow): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
