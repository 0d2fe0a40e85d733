import { svgText } from './svg-text.ts';

export const WIDTH = 720;
/** Size of letters; all distances follow from it. */
export const LETTERS = 13;

/**
 * Colours for light and for dark pages: an image is told which one it is on. The first of each pair also stands in the attributes, for
 * viewers that know no styles.
 */
const STYLE =
  'svg{color:#1b1f24}.soft{color:#565f6b}.one{color:#2951bd}.two{color:#1a6e45}.mark{color:#ae2a20}' +
  '@media(prefers-color-scheme:dark){svg{color:#e8eaed}.soft{color:#a5aeb9}.one{color:#8fb2ff}.two{color:#62cf98}.mark{color:#ff968c}}';

/** Largest document, in UTF-8 bytes. */
export const MAX_SVG_BYTES = 64 * 1024;

export interface Drawing {
  title: string;
  description: string;
  height: number;
  /** SVG elements, their texts escaped. */
  body: string;
}

/** A whole SVG document with a role, a title and a description, that needs nothing from outside. */
export function svgDocument({ title, description, height, body }: Drawing): string {
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img" ` +
    `aria-labelledby="title description" color="#1b1f24" fill="currentColor" font-family="system-ui, sans-serif" font-size="${LETTERS}">` +
    `<title id="title">${svgText(title)}</title><desc id="description">${svgText(description)}</desc>` +
    `<style>${STYLE}</style>${body}</svg>`;
  if (Buffer.byteLength(svg, 'utf8') > MAX_SVG_BYTES) throw new Error('a chart is larger than charts may be');
  return svg;
}

/** A length or place, to a tenth of a pixel. */
export function px(value: number): string {
  return String(Math.round(value * 10) / 10);
}
