import { describe, expect, it } from 'vitest';
import { MAX_TABLE_BYTES } from '../../src/table/build-table.ts';
import { rowsRead } from '../../src/table/usage-table.ts';
import { refusalOf, tableOf } from '../support/read-table.ts';

const HEADER = 'timestamp,input_tokens,output_tokens';

describe('reading a table', () => {
  it.each([
    ['comma', ','],
    ['semicolon', ';'],
    ['tab', '\t'],
    ['bar', '|'],
  ])('reads cells separated by %s', (_name, separator) => {
    const text = `${HEADER}\n2024-01-01T00:00:00Z,1,2\n2024-01-01T00:00:01Z,3,4`.replaceAll(',', separator);
    const table = tableOf(text);
    expect(table.separator).toBe(separator);
    expect([...table.input]).toEqual([1, 3]);
    expect([...table.output]).toEqual([2, 4]);
  });

  it('reads quoted fields with separators, quotes and line breaks inside, and names the line on which a row begins', () => {
    const table = tableOf('model,prompt_tokens,completion_tokens,feature\n"a,""b""",10,1,"two\nlines"\nc,20,2,x\n');
    expect(table.model).toEqual(['a,"b"', 'c']);
    expect([...table.number]).toEqual([2, 4]);
  });

  it('reads past a byte order mark', () => {
    expect(tableOf(`\uFEFF${HEADER}\n2024-01-01T00:00:00Z,1,2`).columns[0]?.name).toBe('timestamp');
  });

  it.each([
    ['an array', '[{"prompt_tokens":1,"completion_tokens":2},{"prompt_tokens":3,"completion_tokens":4}]', 'json'],
    [
      'an array in an object',
      '{"data":[{"prompt_tokens":1,"completion_tokens":2},{"prompt_tokens":3,"completion_tokens":4}]}',
      'json',
    ],
    ['JSON lines', '{"prompt_tokens":1,"completion_tokens":2}\n{"prompt_tokens":3,"completion_tokens":4}\n', 'jsonl'],
    [
      'nested usage',
      '[{"usage":{"prompt_tokens":1,"completion_tokens":2}},{"usage":{"prompt_tokens":3,"completion_tokens":4}}]',
      'json',
    ],
  ])('reads JSON: %s', (_name, text, format) => {
    const table = tableOf(text);
    expect(table.format).toBe(format);
    expect([...table.input, ...table.output]).toEqual([1, 3, 2, 4]);
  });

  it.each([
    ['ISO with zone', '2023-11-16T18:17:03.5Z', 1700158623500],
    ['ISO with offset', '2023-11-16T20:17:03.5+02:00', 1700158623500],
    ['seven decimals and no zone', '2023-11-16 18:17:03.5000000', 1700158623500],
    ['slashes', '2023/11/16 18:17:03', 1700158623000],
    ['epoch seconds', '1700158623.5', 1700158623500],
    ['epoch milliseconds', '1700158623500', 1700158623500],
    ['epoch microseconds', '1700158623500000', 1700158623500],
  ])('reads times: %s', (_name, text, ms) => {
    expect(tableOf(`${HEADER}\n${text},1,2`).time?.[0]).toBe(ms);
  });

  it('keeps digits below the millisecond, so that the order of requests survives', () => {
    const table = tableOf(`${HEADER}\n2023-11-16 18:17:05.2792720,1,2\n2023-11-16 18:17:05.2792970,3,4`);
    expect(table.time?.[1]).toBeGreaterThan(table.time?.[0] ?? Number.NaN);
  });

  it('says when times without a zone were read as UTC', () => {
    expect(tableOf(`${HEADER}\n2024-01-01 00:00:00,1,2`).assumedUtc).toBe(true);
    expect(tableOf(`${HEADER}\n2024-01-01 00:00:00Z,1,2`).assumedUtc).toBe(false);
  });
});

describe('rows that cannot be used', () => {
  it('are kept aside with line, column, reason and what was found', () => {
    const table = tableOf(
      `${HEADER}\n2024-01-01 00:00:00,x1,2\n2024-01-01 00:00:01,3,-4\n2024-01-01 00:00:02,5,\n2024-01-01 00:00:03,7.5,8\n2024-01-01 00:00:04,9,10\n`.concat(
        '2024-01-01 00:00:05,1,1\n'.repeat(30),
      ),
    );
    expect(table.rejected.map(({ row, column, reason }) => [row, column, reason])).toEqual([
      [2, 'input_tokens', 'input_tokens is not a number'],
      [3, 'output_tokens', 'output_tokens is negative'],
      [4, 'output_tokens', 'output_tokens is empty'],
      [5, 'input_tokens', 'input_tokens is not a whole number of tokens'],
    ]);
    expect(table.rejected[0]?.found).toBe('"x1"');
    expect(rowsRead(table)).toBe(35);
  });

  it('are told when a row has another number of cells than the header', () => {
    const table = tableOf(`${HEADER}\n2024-01-01 00:00:00,1,2\n2024-01-01 00:00:00,1\n2024-01-01 00:00:00,1,2,3`);
    expect(table.rejected.map(({ row, reason }) => [row, reason])).toEqual([
      [3, 'the row has 2 cells, the header has 3'],
      [4, 'the row has 4 cells, the header has 3'],
    ]);
  });

  it('are told when a quoted field is never closed, and cost no other row', () => {
    const table = tableOf(
      `${HEADER}\n2024-01-01 00:00:00,1,2\n"2024-01-01 00:00:00,3,4\n2024-01-01 00:00:00,5,6\n"2024-01-01 00:00:00",7,8`,
    );
    expect([...table.input]).toEqual([1, 5, 7]);
    expect(table.rejected.map(({ row, reason }) => [row, reason])).toEqual([
      [3, 'a quoted field goes on after its closing quote'],
    ]);
    expect(tableOf(`${HEADER}\n"2024-01-01 00:00:00,3,4\n2024-01-01 00:00:00,5,6`).rejected).toMatchObject([
      { row: 2, reason: 'a quoted field is never closed', found: '""2024-01-01 00:00:00,3,4"' },
    ]);
  });

  it('are told when a JSON line is broken', () => {
    const good = '{"prompt_tokens":1,"completion_tokens":2}';
    const table = tableOf(`${good}\n{"prompt_tokens":\n${good}`);
    expect(table.input).toHaveLength(2);
    expect(table.rejected[0]).toMatchObject({ row: 2, reason: expect.stringContaining('not JSON') });
  });

  it('are still counted when only their time is unusable, and that is told', () => {
    const table = tableOf(`${HEADER}\n${'2024-01-01 00:00:00,1,2\n'.repeat(9)}yesterday,10,20`);
    expect([...table.input].reduce((a, b) => a + b)).toBe(19);
    expect(table.incomplete[0]).toMatchObject({ row: 11, column: 'timestamp', found: '"yesterday"' });
  });
});

describe('a file that is no table of usage', () => {
  it.each([
    ['nothing', '', 'empty_table'],
    ['white space', ' \n ', 'empty_table'],
    ['only a header', `${HEADER}\n`, 'empty_table'],
    ['an empty array', '[]', 'empty_table'],
    ['prose', 'Dear assistant\nwhere do the tokens go\n', 'not_a_table'],
    ['binary', 'PK\u0003\u0004\u0000\u0000,\n', 'not_a_table'],
    ['broken JSON', '{"data": [', 'not_a_table'],
    ['a JSON string', '"hello"', 'not_a_table'],
    ['a list of numbers', '[1, 2, 3]', 'not_a_table'],
    ['no token columns', 'time,amount\n2024-01-01,3\n', 'missing_columns'],
    ['only a sum of tokens', 'time,total_tokens\n2024-01-01,3\n', 'missing_columns'],
    ['no header', '2024-01-01 00:00:00,1,2\n2024-01-01 00:00:01,3,4\n', 'missing_columns'],
    ['no row with numbers', `${HEADER}\na,b\n`, 'no_usable_rows'],
  ])('is refused with a code: %s', (_name, text, code) => {
    const refusal = refusalOf(text);
    expect(refusal.code).toBe(code);
    expect(refusal.expected).not.toBe('');
    expect(refusal.found).not.toBe('');
  });

  it('says which columns were found and which are needed', () => {
    const { message, found } = refusalOf('when;prompt tokens;seconds\n2024-01-01;3;4\n');
    expect(message).toContain('no recognisable output token column');
    expect(found).toContain('"prompt tokens"');
  });

  it('says why a column with the right name is not enough', () => {
    expect(refusalOf('time,input tokens,output tokens\n2024-01-01,many,few\n').message).toContain(
      'its cells are not whole numbers',
    );
  });

  it('says that a header line is missing when the first line looks like data', () => {
    expect(refusalOf('2024-01-01 00:00:00,1,2\n2024-01-01 00:00:01,3,4\n').message).toContain('looks like data');
  });

  it('is refused above 10 MiB with both sizes', () => {
    const refusal = refusalOf('x'.repeat(MAX_TABLE_BYTES + 1));
    expect(refusal.code).toBe('too_large');
    expect(refusal.message).toContain(String(MAX_TABLE_BYTES));
  });
});
