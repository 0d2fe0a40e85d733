import { buildTable, type TableSource } from '../../src/table/build-table.ts';
import type { Refusal } from '../../src/table/refusal.ts';
import type { UsageTable } from '../../src/table/usage-table.ts';

/** The table in `content`, where the test is about what is in it. */
export function tableOf(content: string, source: Omit<TableSource, 'content'> = {}): UsageTable {
  const built = buildTable({ content, ...source });
  if (!built.ok) throw new Error(`not a table: ${built.refusal.message}`);
  return built.value;
}

/** The refusal of `content`, where the test is about that. */
export function refusalOf(content: string, source: Omit<TableSource, 'content'> = {}): Refusal {
  const built = buildTable({ content, ...source });
  if (built.ok) throw new Error(`was accepted with ${built.value.input.length} rows`);
  return built.refusal;
}

/** Rows of [seconds after midnight, input, output] as CSV. */
export function csvOf(rows: readonly (readonly [number, number, number])[]): string {
  const lines = rows.map(
    ([second, input, output]) => `${new Date(Date.UTC(2024, 0, 1) + second * 1000).toISOString()},${input},${output}`,
  );
  return ['time,input_tokens,output_tokens', ...lines].join('\n');
}
