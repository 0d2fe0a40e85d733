import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { breakDownCost } from '../../src/analysis/cost-breakdown.ts';
import { describeTable } from '../../src/analysis/describe-data.ts';
import { trendOf } from '../../src/analysis/trend-and-peaks.ts';
import { plainSums, realUsage } from '../support/real-usage.ts';
import { tableOf } from '../support/read-table.ts';

const usage = realUsage();

describe(`totals over ${usage.origin}`, () => {
  const expected = plainSums(usage.content);

  it('equal the column sums of the file', () => {
    const result = describeTable(tableOf(usage.content));
    expect(result.totals).toEqual(expected);
    expect(result.rows).toEqual({ read: expected.requests, used: expected.requests, rejected: 0, incompleteCells: 0 });
  });

  it('are the same in every partition of the requests: by size, by time, by bucket', () => {
    const table = tableOf(usage.content);
    const cost = breakDownCost(table);
    const trend = trendOf(table);
    const sumOf = (parts: { requests: number; inputTokens: number; outputTokens: number }[] = []): object => ({
      requests: parts.reduce((sum, part) => sum + part.requests, 0),
      inputTokens: parts.reduce((sum, part) => sum + part.inputTokens, 0),
      outputTokens: parts.reduce((sum, part) => sum + part.outputTokens, 0),
    });
    expect(cost.totals).toEqual(expected);
    expect(sumOf(cost.bySize)).toEqual(expected);
    expect(sumOf(cost.byTime?.buckets)).toEqual(expected);
    expect(trend.ok && sumOf(trend.value.buckets)).toEqual(expected);
  });
});

interface Row {
  at: number;
  input: number;
  output: number;
  model: string;
}

const row: fc.Arbitrary<Row> = fc.record({
  at: fc.integer({ min: 1_000_000_000, max: 3_000_000_000 }),
  input: fc.nat({ max: 2_000_000 }),
  output: fc.nat({ max: 100_000 }),
  model: fc.constantFrom('small', 'large, new', 'the "best"', 'two\nlines', 'a;b|c\td'),
});
const rows = fc.array(row, { minLength: 1, maxLength: 60 });

function totalsOf(all: Row[]): object {
  return {
    requests: all.length,
    inputTokens: all.reduce((sum, { input }) => sum + input, 0),
    outputTokens: all.reduce((sum, { output }) => sum + output, 0),
  };
}

describe('totals of any table', () => {
  it('equal its sums whatever the separator, quoting and line ends', () => {
    const layout = fc.record({
      separator: fc.constantFrom(',', ';', '\t', '|'),
      lineEnd: fc.constantFrom('\n', '\r\n'),
      quoteAll: fc.boolean(),
      mark: fc.constantFrom('', '\uFEFF'),
    });
    fc.assert(
      fc.property(rows, layout, (all, { separator, lineEnd, quoteAll, mark }) => {
        const cell = (value: unknown): string => {
          const text = String(value);
          return quoteAll || /[",;|\t\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
        };
        const lines = [
          ['time', 'prompt_tokens', 'completion_tokens', 'model'],
          ...all.map(({ at, input, output, model }) => [at, input, output, model]),
        ];
        const text = mark + lines.map((cells) => cells.map(cell).join(separator)).join(lineEnd);
        const table = tableOf(text);
        expect(describeTable(table).totals).toEqual(totalsOf(all));
        expect(table.model).toEqual(all.map(({ model }) => model));
      }),
    );
  });

  it('equal its sums as JSON array, wrapped array and JSON lines', () => {
    fc.assert(
      fc.property(rows, fc.constantFrom('array', 'wrapped', 'lines'), (all, shape) => {
        const objects = all.map(({ at, input, output, model }) => ({
          timestamp: at,
          input_tokens: input,
          output_tokens: output,
          model,
        }));
        const text =
          shape === 'array'
            ? JSON.stringify(objects)
            : shape === 'wrapped'
              ? JSON.stringify({ data: objects })
              : objects.map((object) => JSON.stringify(object)).join('\n');
        expect(describeTable(tableOf(text)).totals).toEqual(totalsOf(all));
      }),
    );
  });

  it('count every row of the file once: used or rejected', () => {
    const cell = fc.oneof(
      fc.nat({ max: 9999 }).map(String),
      fc.constantFrom('', 'x', '-1', '1.5', 'NaN', '1e3', '4,808', '  7 '),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 40 }), (cells) => {
        // Ten good rows carry the columns, so that the test is about the others.
        const text = [
          'input tokens;output tokens',
          ...Array(200).fill('5;5'),
          ...cells.map((pair) => pair.join(';')),
        ].join('\n');
        const { rows: counted, totals } = describeTable(tableOf(text));
        // A row without any cell that is filled is a blank line.
        const filled = cells.filter((pair) => pair.some((one) => one.trim() !== ''));
        expect(counted.read).toBe(200 + filled.length);
        expect(counted.used + counted.rejected).toBe(counted.read);
        expect(totals.requests).toBe(counted.used);
      }),
    );
  });
});
