import { durationText, elapsedText } from './duration.ts';
import type { PlanView, ServiceView } from './plan-view.ts';
import { printableLine } from './printable.ts';
import { type FindService, serviceWords } from './service-words.ts';
import type { Style } from './style.ts';
import { fitText, padText, textWidth } from './text-width.ts';

export type Frame = {
  /** Since the initialization began, now. */
  readonly elapsedMs: number;
  readonly columns: number;
  /** Lines that may be used. */
  readonly rows: number;
  readonly style: Style;
  /** Counts up with each picture: turns the spinner. */
  readonly tick: number;
};

const spinner = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
/** Below this width there is no room for a picture. */
const picturesFrom = 20;
/** Below this one there is none for words beside names. */
const wordsFrom = 44;
const nameShare = 0.4;
const barColumns = 24;
/** A mark and a space. */
const markColumns = 2;
const gapColumns = 2;

/** The plan as a graph that fills: one row per service, dependencies above and left of what needs them. No line is wider than the terminal. */
export function planLines(title: string, view: PlanView, frame: Frame): string[] {
  // The last column stays free: some terminals wrap when it is written.
  const columns = Math.max(1, frame.columns - 1);
  if (columns < picturesFrom) return [fitText(printableLine(view.message), columns)];
  const head = headLine(title, view, columns, frame);
  const foot = footLine(view, columns, frame);
  const services = fitServices(view.services, Math.max(1, frame.rows - 1 - foot.length));
  const share = columns < wordsFrom ? 1 : nameShare;
  const widest = Math.max(
    0,
    ...services.shown.map((each) => indentOf(each, columns).length + markColumns + textWidth(printableLine(each.name))),
  );
  const nameColumns = Math.min(Math.floor(columns * share), widest + gapColumns);
  const find: FindService = (key) => view.services.find(({ service }) => service === key);
  const rows = services.shown.map((each) => serviceLine(each, { columns, nameColumns, find }, frame));
  const more = services.hidden === 0 ? [] : [frame.style.dim(fitText(`  … and ${services.hidden} more`, columns))];
  return [head, ...rows, ...more, ...foot];
}

function headLine(title: string, view: PlanView, columns: number, { elapsedMs, style }: Frame): string {
  const eta = view.etaMs !== undefined && view.outcome === 'running' ? ` of about ${durationText(view.etaMs)}` : '';
  const time = view.outcome === 'running' ? `${elapsedText(elapsedMs)}${eta}` : '';
  const words = fitText(`${title}  ${printableLine(view.message)}`, columns - (time === '' ? 0 : textWidth(time) + 2));
  const mark = { running: style.bold, ready: style.green, failed: style.red }[view.outcome];
  return time === '' ? mark(words) : `${mark(words)}  ${style.dim(fitText(time, columns - textWidth(words) - 2))}`;
}

function serviceLine(
  of: ServiceView,
  at: { columns: number; nameColumns: number; find: FindService },
  frame: Frame,
): string {
  const { style } = frame;
  const indent = indentOf(of, at.columns);
  const room = at.nameColumns - gapColumns;
  const name = fitText(printableLine(of.name), room - indent.length - markColumns);
  const left = `${indent}${markOf(of, frame)} ${padText(name, at.nameColumns - indent.length - markColumns)}`;
  if (at.columns < wordsFrom) return left.trimEnd();
  const time = timeOf(of, frame.elapsedMs);
  const rest = at.columns - at.nameColumns - (time === '' ? 0 : textWidth(time) + gapColumns);
  const words = padText(fitText(serviceWords(of, at.find), rest), time === '' ? 0 : rest);
  return `${left}${paint(of, words, style)}${time === '' ? '' : `  ${style.dim(time)}`}`;
}

/** Deep plans give way to a narrow terminal: at most a quarter of it. */
function indentOf({ level }: ServiceView, columns: number): string {
  return '  '.repeat(Math.min(level, Math.floor(columns / 8)));
}

function markOf({ state, failure }: ServiceView, { style, tick }: Frame): string {
  switch (state) {
    case 'ready':
      return style.green('✔');
    case 'failed':
      return style.red('✖');
    case 'starting':
    case 'stopping':
      return style.cyan(spinner[tick % spinner.length] ?? '·');
    case 'queued':
      return failure === undefined ? style.cyan('·') : style.yellow('↻');
    case 'cold':
    case 'waiting':
    case 'lost':
      return style.dim('·');
  }
}

function paint({ state, failure }: ServiceView, words: string, style: Style): string {
  if (state === 'failed') return style.red(words);
  if (failure !== undefined) return style.yellow(words);
  return state === 'starting' ? words : style.dim(words);
}

function timeOf({ state, startedMs, durationMs, expectedMs }: ServiceView, elapsedMs: number): string {
  if (state === 'ready') return durationMs === undefined ? '' : elapsedText(durationMs);
  if (startedMs !== undefined && state === 'starting') return elapsedText(elapsedMs - startedMs);
  return expectedMs === undefined || state === 'failed' ? '' : `~${durationText(expectedMs)}`;
}

function footLine(view: PlanView, columns: number, { style }: Frame): string[] {
  if (view.outcome !== 'running' || view.services.length === 0) return [];
  const ready = view.services.filter(({ state }) => state === 'ready').length;
  const full = Math.round((ready / view.services.length) * barColumns);
  const bar = fitText(
    `${'█'.repeat(full)}${'░'.repeat(barColumns - full)} ${ready} of ${view.services.length} ready`,
    columns,
  );
  return view.slow === undefined ? [bar] : [bar, style.yellow(fitText(printableLine(view.slow), columns))];
}

/** What does not fit gives way in this order: those that are ready, then the last ones of the plan. */
function fitServices(services: readonly ServiceView[], rows: number): { shown: ServiceView[]; hidden: number } {
  if (services.length <= rows) return { shown: [...services], hidden: 0 };
  const busy = services.filter(({ state }) => state !== 'ready');
  const shown = (busy.length === 0 ? services : busy).slice(0, Math.max(0, rows - 1));
  return { shown, hidden: services.length - shown.length };
}
