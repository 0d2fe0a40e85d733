import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Random } from './seed.ts';

/** A table of AI usage as a user would send it, with its sums computed here, by nothing of the product. */
export type UsageTable = {
  /** As a message carries it. */
  file: { name: string; content: string };
  totals: { requests: number; inputTokens: number; outputTokens: number };
};

const realFile = 'llm-usage/AzureLLMInferenceTrace_code.csv';

/** The real trace, from `REVEILLE_TEST_DATA` or a folder `shared/data` above; undefined when it is not on this machine. */
export function realTable(): UsageTable | undefined {
  const given = process.env['REVEILLE_TEST_DATA'];
  const folders = given === undefined ? above(import.meta.dirname) : [given];
  const path = folders.map((folder) => join(folder, realFile)).find((file) => existsSync(file));
  if (path === undefined) return undefined;
  return summed('AzureLLMInferenceTrace_code.csv', readFileSync(path, 'utf8'));
}

/** Of the shape of the real trace: one hour of requests, mostly long prompts and short answers. `feature`: the same in each row. */
export function generatedTable(random: Random, of: { rows: number; name?: string; feature?: string }): UsageTable {
  const { rows, name = 'usage.csv', feature } = of;
  const more = (text: string | undefined): string => (text === undefined ? '' : `,${text}`);
  const lines = [`TIMESTAMP,ContextTokens,GeneratedTokens${more(feature && 'feature')}`];
  const startedAt = Date.UTC(2023, 10, 16, 18, 17, 3);
  for (let row = 0; row < rows; row++) {
    const at = new Date(startedAt + Math.floor((row * 3_600_000) / rows)).toISOString();
    const tokens = `${random.whole(10, 7_500)},${random.whole(5, 400)}`;
    lines.push(`${at.replace('T', ' ').replace('Z', '0000')},${tokens}${more(feature)}`);
  }
  return summed(name, `${lines.join('\n')}\n`);
}

/** Columns two and three of a table without quotes. */
function summed(name: string, content: string): UsageTable {
  const rows = content
    .trim()
    .split(/\r?\n/)
    .slice(1)
    .map((line) => line.split(',').slice(1).map(Number));
  const sum = (column: number): number => rows.reduce((total, row) => total + (row[column] ?? Number.NaN), 0);
  return { file: { name, content }, totals: { requests: rows.length, inputTokens: sum(0), outputTokens: sum(1) } };
}

function above(from: string): string[] {
  const parent = dirname(from);
  return [join(from, 'shared/data'), ...(parent === from ? [] : above(parent))];
}
