import { svgDocument, WIDTH, LETTERS, px, type Drawing } from './svg-document.ts';
import { svgLabel, svgText } from './svg-text.ts';

/** Rows in one chart; the result has all. */
export const MOST_ROWS = 12;

const LABEL_WIDTH = 200;
const FIGURE_WIDTH = 150;
const ROW_HEIGHT = 24;
const BAR_HEIGHT = 14;

export interface Row {
  label: string;
  /** Not negative; as the tool gave it. */
  value: number;
  /** The value in words. */
  figure: string;
}

/** Bars from left to right, one for each row, with label and value beside: for groups. `mark` draws a line at a value that means something. */
export function rowChart(of: Omit<Drawing, 'height' | 'body'> & { rows: readonly Row[]; mark?: number }): string {
  const rows = of.rows.slice(0, MOST_ROWS);
  const largest = Math.max(of.mark ?? 0, ...rows.map(({ value }) => value));
  const room = WIDTH - LABEL_WIDTH - FIGURE_WIDTH;
  const lengthOf = (value: number): number => (largest === 0 ? 0 : (room * value) / largest);
  const height = ROW_HEIGHT * rows.length + 8;
  const bars = rows.map(({ label, value, figure }, index) => {
    const top = 4 + index * ROW_HEIGHT;
    const base = px(top + ROW_HEIGHT / 2 + LETTERS * 0.36);
    const end = LABEL_WIDTH + lengthOf(value);
    return (
      `<text x="${LABEL_WIDTH - 10}" y="${base}" text-anchor="end">${svgLabel(label)}</text>` +
      `<rect class="one" color="#2951bd" x="${LABEL_WIDTH}" y="${px(top + (ROW_HEIGHT - BAR_HEIGHT) / 2)}" width="${px(Math.max(1, end - LABEL_WIDTH))}" ` +
      `height="${BAR_HEIGHT}" rx="2" data-value="${value}"><title>${svgText(figure)}</title></rect>` +
      `<text class="soft" color="#565f6b" x="${px(end + 8)}" y="${base}">${svgText(figure)}</text>`
    );
  });
  const at = of.mark === undefined ? '' : px(LABEL_WIDTH + lengthOf(of.mark));
  const mark =
    at === ''
      ? ''
      : `<path class="mark" color="#ae2a20" d="M${at} 0V${height}" stroke="currentColor" stroke-dasharray="4 3"/>`;
  return svgDocument({ ...of, height, body: bars.join('') + mark });
}
