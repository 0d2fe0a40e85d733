import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitCsv } from '../../src/table/split-csv.ts';

describe('splitting CSV', () => {
  it('accounts for every line of any text: as part of a row, as broken, or as blank', () => {
    const text = fc
      .array(fc.constantFrom('a', ' ', ',', '"', '\n', '\r\n', '\r', 'b'), { maxLength: 60 })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, (content) => {
        const { rows, broken } = splitCsv(content, ',');
        const starts = [...rows, ...broken].map(({ number }) => number).sort((a, b) => a - b);
        expect(new Set(starts).size).toBe(starts.length);
        const lines = content.split(/\r\n|\n|\r/);
        for (const [index, line] of lines.entries()) {
          const number = index + 1;
          const within = rows.some((row) => {
            const breaks = row.cells.join('').match(/\r\n|\n|\r/g)?.length ?? 0;
            return number >= row.number && number <= row.number + breaks;
          });
          const isBroken = broken.some((entry) => entry.number === number && entry.text === line);
          const isBlank = line.trim() === '' || /^[ \t]*""[ \t]*$/.test(line);
          expect(within || isBroken || isBlank, `line ${number} of ${JSON.stringify(content)}`).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
