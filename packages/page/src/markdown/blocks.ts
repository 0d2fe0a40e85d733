import { type Inline, parseInline } from './inline.ts';
import { parseTable, startsTable, type Table } from './table.ts';

/** A block of a Markdown document. HTML in it is text like any other. */
export type Block =
  | { readonly is: 'heading'; readonly level: number; readonly parts: readonly Inline[] }
  | { readonly is: 'paragraph'; readonly parts: readonly Inline[] }
  | { readonly is: 'code'; readonly text: string }
  | { readonly is: 'quote'; readonly blocks: readonly Block[] }
  | {
      readonly is: 'list';
      readonly ordered: boolean;
      readonly start: number;
      readonly items: readonly (readonly Block[])[];
    }
  | Table
  | { readonly is: 'rule' };

const fence = /^ {0,3}(```+|~~~+)/;
const heading = /^ {0,3}(#{1,6})\s+(.*?)\s*#*$/;
const rule = /^ {0,3}([-*_])(\s*\1){2,}\s*$/;
const quote = /^ {0,3}>\s?/;
const bullet = /^( {0,3})(?:[-*+]|(\d{1,9})[.)])\s+/;
const deepest = 6;

/** The part of Markdown that people and language models write: headings, lists, tables, code, quotes, emphasis, links. */
export function parseMarkdown(text: string): Block[] {
  return parseLines(text.replaceAll('\r\n', '\n').split('\n'), 0);
}

function parseLines(lines: readonly string[], depth: number): Block[] {
  if (depth > deepest) return [{ is: 'paragraph', parts: [{ is: 'text', text: lines.join('\n') }] }];
  const blocks: Block[] = [];
  for (let at = 0; at < lines.length;) {
    const line = lines[at] ?? '';
    if (line.trim() === '') at += 1;
    else {
      const [block, next] = readBlock(lines, at, depth);
      blocks.push(block);
      at = next;
    }
  }
  return blocks;
}

/** The block that begins at a line, and the line after it. */
function readBlock(lines: readonly string[], at: number, depth: number): [Block, number] {
  const line = lines[at] ?? '';
  const fenced = fence.exec(line)?.[1];
  if (fenced !== undefined) {
    const close = lines.findIndex((other, index) => index > at && other.trim().startsWith(fenced));
    const end = close === -1 ? lines.length : close;
    return [{ is: 'code', text: lines.slice(at + 1, end).join('\n') }, end + 1];
  }
  const [, hashes, title] = heading.exec(line) ?? [];
  if (hashes !== undefined) return [{ is: 'heading', level: hashes.length, parts: parseInline(title ?? '') }, at + 1];
  if (rule.test(line)) return [{ is: 'rule' }, at + 1];
  if (quote.test(line)) {
    const end = endOf(lines, at, (other) => quote.test(other));
    const inner = lines.slice(at, end).map((other) => other.replace(quote, ''));
    return [{ is: 'quote', blocks: parseLines(inner, depth + 1) }, end];
  }
  if (bullet.test(line)) return readList(lines, at, depth);
  if (startsTable(lines, at)) {
    const end = endOf(lines, at + 2, (other) => other.includes('|') && other.trim() !== '');
    return [parseTable(lines.slice(at, end)), end];
  }
  const end = endOf(lines, at + 1, (other, index) => other.trim() !== '' && !interrupts(lines, other, index));
  return [
    {
      is: 'paragraph',
      parts: parseInline(
        lines
          .slice(at, end)
          .map((other) => other.trim())
          .join('\n'),
      ),
    },
    end,
  ];
}

function readList(lines: readonly string[], at: number, depth: number): [Block, number] {
  const number = bullet.exec(lines[at] ?? '')?.[2];
  const ordered = number !== undefined;
  const items: string[][] = [];
  let next = at;
  for (; next < lines.length; next += 1) {
    const line = lines[next] ?? '';
    const marked = bullet.exec(line);
    if (marked && (marked[2] !== undefined) === ordered && !rule.test(line)) items.push([line.slice(marked[0].length)]);
    else if (/^\s{2,}\S/.test(line)) items.at(-1)?.push(line.replace(/^ {2,4}|^\t/, ''));
    else if (line.trim() === '' && /^(\s{2,}\S| {0,3}([-*+]|\d{1,9}[.)])\s)/.test(lines[next + 1] ?? ''))
      items.at(-1)?.push('');
    else break;
  }
  const parsed = items.map((item) => parseLines(item, depth + 1));
  return [{ is: 'list', ordered, start: Number(number ?? 1), items: parsed }, next];
}

function interrupts(lines: readonly string[], line: string, index: number): boolean {
  return [fence, heading, rule, quote, bullet].some((pattern) => pattern.test(line)) || startsTable(lines, index);
}

function endOf(lines: readonly string[], from: number, belongs: (line: string, index: number) => boolean): number {
  const end = lines.findIndex((line, index) => index >= from && !belongs(line, index));
  return end === -1 ? lines.length : end;
}
