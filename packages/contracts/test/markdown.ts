import { readFileSync } from 'node:fs';

const root = new URL('../../../', import.meta.url);

/** A document of the project as a test reads it. */
export function readDocument(path: string): string {
  return readFileSync(new URL(path, root), 'utf8');
}

export type Block = { language: string; tag: string; text: string; line: number };

/** All fenced blocks: of "```json server" the language is `json` and the tag `server`. `line` is where the fence begins. */
export function fencedBlocks(document: string): Block[] {
  const blocks: Block[] = [];
  let open: Block | undefined;
  for (const [index, text] of document.split('\n').entries()) {
    const fence = /^```(\S*) ?(.*)$/.exec(text);
    if (fence && open) {
      blocks.push(open);
      open = undefined;
    } else if (fence) {
      open = { language: fence[1] ?? '', tag: fence[2] ?? '', text: '', line: index + 1 };
    } else if (open) open.text += `${text}\n`;
  }
  if (open) throw new Error(`The block that begins in line ${open.line} does not end.`);
  return blocks;
}

/** The first table whose head has these cells, as rows of cells. */
export function table(document: string, ...head: string[]): string[][] {
  const lines = document.split('\n');
  const from = lines.indexOf(`| ${head.join(' | ')} |`);
  if (from === -1) throw new Error(`There is no table with the columns ${head.join(', ')}.`);
  const rows: string[][] = [];
  for (const line of lines.slice(from + 2)) {
    if (!line.startsWith('|')) break;
    rows.push(
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    );
  }
  return rows;
}

/** The words in code quotes of a cell. */
export function quoted(cell = ''): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '');
}
