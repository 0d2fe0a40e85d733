import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, parse } from 'node:path';

const FILE = 'llm-usage/AzureLLMInferenceTrace_code.csv';

/** The recorded trace of real usage, from REVEILLE_TEST_DATA or a `shared/data` folder above; where there is none, a table of its shape. */
export function realUsage(): string {
  const path = locate();
  return path === undefined ? usageTable({ rows: 8819, seed: 20231116 }) : readFileSync(path, 'utf8');
}

function locate(): string | undefined {
  const given = process.env['REVEILLE_TEST_DATA'];
  if (given !== undefined && given !== '') return join(given, FILE);
  for (let folder = import.meta.dirname; folder !== parse(folder).root; folder = dirname(folder)) {
    const path = join(folder, 'shared/data', FILE);
    if (existsSync(path)) return path;
  }
  return undefined;
}

/** A made-up table, the same for the same seed. */
export function usageTable({ rows, seed }: { rows: number; seed: number }): string {
  let state = seed;
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  let at = Date.UTC(2024, 0, 1);
  const lines = Array.from({ length: rows }, () => {
    at += Math.floor(next() * 780);
    return `${new Date(at).toISOString()},${Math.floor(next() ** 2 * 7435) + 3},${Math.floor(next() ** 8 * 1890) + 6}`;
  });
  return ['TIMESTAMP,ContextTokens,GeneratedTokens', ...lines].join('\n');
}

/** Column sums by plain splitting, independent of everything under test. */
export function sumsOf(content: string): { requests: number; inputTokens: number; outputTokens: number } {
  const rows = content
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(','));
  const sumOf = (column: number): number => rows.reduce((sum, row) => sum + Number(row[column]), 0);
  return { requests: rows.length, inputTokens: sumOf(1), outputTokens: sumOf(2) };
}
