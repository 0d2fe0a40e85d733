import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, parse } from 'node:path';

const FILE = 'llm-usage/AzureLLMInferenceTrace_code.csv';

/**
 * The table of real usage: from the folder in REVEILLE_TEST_DATA, or from a `shared/data` folder beside or above the checkout. Where there
 * is none, a table of the same shape is made up, and `origin` says so, so that a test names what it ran on.
 */
export function realUsage(): { content: string; origin: string } {
  const path = locate();
  if (path !== undefined) return { content: readFileSync(path, 'utf8'), origin: 'the recorded trace' };
  return {
    content: madeUp(),
    origin: 'a made-up table of the same shape (the recorded trace is not here: set REVEILLE_TEST_DATA)',
  };
}

function locate(): string | undefined {
  const given = process.env['REVEILLE_TEST_DATA'];
  if (given !== undefined && given !== '') {
    const path = join(given, FILE);
    if (!existsSync(path)) throw new Error(`REVEILLE_TEST_DATA is set, but ${path} does not exist`);
    return path;
  }
  for (let folder = import.meta.dirname; folder !== parse(folder).root; folder = dirname(folder)) {
    const path = join(folder, 'shared', 'data', FILE);
    if (existsSync(path)) return path;
  }
  return undefined;
}

/** 8,819 rows over about an hour with lines ended by CR LF and times of seven decimals; the same at each call. */
function madeUp(): string {
  let seed = 20231116;
  const next = (): number => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return seed / 2 ** 32;
  };
  let at = Date.UTC(2023, 10, 16, 18, 17, 3);
  const rows = Array.from({ length: 8819 }, () => {
    at += Math.floor(next() * 780);
    const time = new Date(at)
      .toISOString()
      .replace('T', ' ')
      .replace('Z', `${Math.floor(next() * 9999)}`.padStart(4, '0'));
    return `${time},${Math.floor(next() ** 2 * 7435) + 3},${Math.floor(next() ** 8 * 1890) + 6}`;
  });
  return ['TIMESTAMP,ContextTokens,GeneratedTokens', ...rows].join('\r\n');
}

/** Column sums by plain splitting, independent of everything under test. */
export function plainSums(content: string): { requests: number; inputTokens: number; outputTokens: number } {
  const rows = content
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(','));
  const sumOf = (column: number): number => rows.reduce((sum, row) => sum + Number(row[column]), 0);
  return { requests: rows.length, inputTokens: sumOf(1), outputTokens: sumOf(2) };
}
