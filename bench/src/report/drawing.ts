import { type Row, shareOfTarget } from '../measure/figure.ts';
import { measured, ratioText, targetText } from './numbers.ts';

const width = 860;
const rowHeight = 46;
const top = 64;
const left = 16;
/** Where bars begin and how long one is that reaches its target. */
const barLeft = 340;
const targetLength = 245;
/** A bar that passes its target by more is cut, and says so by its number. */
const longest = 1.4;

/**
 * Bars of how much of its target each figure uses up, all against one line: left of it is better than promised. An SVG that is
 * legible on light and dark pages.
 */
export function drawing(rows: readonly Row[], caption: string): string {
  const drawn = rows.filter((row) => row.target !== undefined);
  const height = top + drawn.length * rowHeight + 34;
  const line = barLeft + targetLength;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escape(spoken(drawn))}">`,
    `<style>${style}</style>`,
    `<rect class="paper" width="${width}" height="${height}" rx="8"/>`,
    `<text class="title" x="${left}" y="28">What Reveille adds, against its targets</text>`,
    `<text class="small" x="${left}" y="48">Each bar is our ratio to the reference of the same run; it should end left of the line.</text>`,
    ...drawn.map((row, index) => bar(row, top + index * rowHeight)),
    `<line class="target" x1="${line}" y1="${top - 6}" x2="${line}" y2="${top + drawn.length * rowHeight - 4}"/>`,
    `<text class="small" x="${line}" y="${top - 10}" text-anchor="middle">target</text>`,
    `<text class="small" x="${left}" y="${height - 14}">${escape(caption)}</text>`,
    '</svg>\n',
  ].join('\n');
}

function bar(row: Row, y: number): string {
  const share = shareOfTarget(row) ?? 0;
  const length = Math.max(2, Math.min(share, longest) * targetLength);
  const numbers = `${ratioText(row.ratio)} (${targetText(row.target)})`;
  return [
    `<text class="what" x="${left}" y="${y + 16}">${escape(row.what)}</text>`,
    `<text class="small" x="${left}" y="${y + 32}">${escape(besides(row))}</text>`,
    `<rect class="${share <= 1 ? 'met' : 'missed'}" x="${barLeft}" y="${y + 5}" width="${length.toFixed(1)}" height="20" rx="3"/>`,
    `<text class="ratio" x="${width - left}" y="${y + 20}" text-anchor="end">${escape(numbers)}</text>`,
  ].join('\n');
}

function besides({ ours, unit, reference }: Row): string {
  return `${measured(ours.median, unit)} : ${measured(reference.value.median, reference.unit)}`;
}

function spoken(rows: readonly Row[]): string {
  return rows.map((row) => `${row.what}: ${ratioText(row.ratio)}, target ${targetText(row.target)}`).join('; ');
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

const style = [
  'text{font-family:system-ui,-apple-system,"Segoe UI",sans-serif;fill:#1f2328}',
  '.title{font-size:17px;font-weight:600}.what{font-size:13px}.ratio{font-size:13px;font-weight:600}.small{font-size:11.5px;fill:#59636e}',
  '.paper{fill:#ffffff;stroke:#d1d9e0}.met{fill:#2da44e}.missed{fill:#cf222e}.target{stroke:#1f2328;stroke-width:1.5;stroke-dasharray:4 3}',
  '@media (prefers-color-scheme:dark){text{fill:#f0f6fc}.small{fill:#9198a1}.paper{fill:#0d1117;stroke:#3d444d}.target{stroke:#f0f6fc}.met{fill:#2ea043}.missed{fill:#f85149}}',
].join('');
