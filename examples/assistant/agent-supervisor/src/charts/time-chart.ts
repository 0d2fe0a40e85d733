import { count } from '../wording/figures.ts';
import { svgDocument, WIDTH, px, type Drawing } from './svg-document.ts';
import { svgText } from './svg-text.ts';

/** Periods in one chart; tools give no more. */
export const MOST_PERIODS = 240;

const TOP = 30;
const PLOT_HEIGHT = 150;
const HEIGHT = TOP + PLOT_HEIGHT + 26;
const LEFT = 4;

export interface Period {
  from: string;
  /** As the tool gave them; the second stands on the first. */
  values: readonly [number, number];
  /** Drawn apart, as a peak. */
  marked: boolean;
}

/** Columns over time, two parts on each other, with the highest value and the ends of the time axis. */
export function timeChart(
  of: Omit<Drawing, 'height' | 'body'> & {
    periods: readonly Period[];
    parts: readonly [string, string];
    first: string;
    last: string;
  },
): string {
  const { periods, parts, first, last } = of;
  if (periods.length > MOST_PERIODS) throw new Error(`a chart has at most ${MOST_PERIODS} periods`);
  const highest = Math.max(...periods.map(({ values: [one, two] }) => one + two));
  const step = (WIDTH - 2 * LEFT) / periods.length;
  const bottom = TOP + PLOT_HEIGHT;
  const heightOf = (value: number): number => (highest === 0 ? 0 : (PLOT_HEIGHT * value) / highest);
  const xOf = (index: number): string => px(LEFT + index * step);
  const width = px(Math.max(0.7, step * 0.82));
  const lower = periods.map(({ from, values: [value] }, index) => {
    const height = heightOf(value);
    return `<rect x="${xOf(index)}" y="${px(bottom - height)}" width="${width}" height="${px(height)}" data-from="${svgText(from)}" data-value="${value}"/>`;
  });
  const upper = periods.map(({ values: [below, value] }, index) => {
    const height = heightOf(value);
    return `<rect x="${xOf(index)}" y="${px(bottom - heightOf(below) - height)}" width="${width}" height="${px(height)}" data-value="${value}"/>`;
  });
  const dots = periods.map(({ values: [one, two], marked }, index) =>
    marked
      ? `<circle cx="${px(LEFT + (index + 0.41) * step)}" cy="${px(bottom - heightOf(one + two) - 6)}" r="3"/>`
      : '',
  );
  const key = (x: number, name: string, colour: string, text: string): string =>
    `<rect class="${name}" color="${colour}" x="${x}" y="4" width="10" height="10" rx="2"/><text x="${x + 16}" y="13">${svgText(text)}</text>`;
  const dotKey = periods.some(({ marked }) => marked)
    ? '<circle class="mark" color="#ae2a20" cx="285" cy="9" r="3"/><text x="296" y="13">peaks</text>'
    : '';
  const body =
    key(LEFT, 'one', '#2951bd', parts[0]) +
    key(LEFT + 140, 'two', '#1a6e45', parts[1]) +
    dotKey +
    `<text class="soft" color="#565f6b" x="${WIDTH - LEFT}" y="13" text-anchor="end">highest: ${count(highest)}</text>` +
    `<g class="one" color="#2951bd">${lower.join('')}</g><g class="two" color="#1a6e45">${upper.join('')}</g>` +
    `<g class="mark" color="#ae2a20">${dots.join('')}</g>` +
    `<path class="soft" color="#565f6b" d="M${LEFT} ${bottom}H${WIDTH - LEFT}" stroke="currentColor"/>` +
    `<text class="soft" color="#565f6b" x="${LEFT}" y="${HEIGHT - 8}">${svgText(first)}</text>` +
    `<text class="soft" color="#565f6b" x="${WIDTH - LEFT}" y="${HEIGHT - 8}" text-anchor="end">${svgText(last)}</text>`;
  return svgDocument({ ...of, height: HEIGHT, body });
}
