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
    ['day first with points', '16.11.2023 18:17:03', 1700158623000],
    ['day first with slashes', '16/11/2023 18:17', 1700158620000],
    ['month first', '11/16/2023 18:17:03', 1700158623000],
    ['12 hours', '11/16/2023 6:17:03 PM', 1700158623000],
    ['named month', '16 Nov 2023 18:17:03', 1700158623000],
    ['named month first', 'November 16 2023 6:17:03 p.m.', 1700158623000],
    ['a web server log', '16/Nov/2023:18:17:03 +0000', 1700158623000],
    ['RFC 2822', '"Thu, 16 Nov 2023 18:17:03 GMT"', 1700158623000],
    ['compact ISO', '20231116T181703Z', 1700158623000],
    ['midnight of 12 hours', '11/16/2023 12:00 AM', 1700092800000],
  ])('reads times: %s', (_name, text, ms) => {
    expect(tableOf(`${HEADER}\n${text},1,2`).time?.[0]).toBe(ms);
  });

  it('takes the order of day and month from the dates that tell it', () => {
    const of = (...dates: string[]) => tableOf([HEADER, ...dates.map((date) => `${date},1,2`)].join('\n'));
    expect(of('03/04/2024', '13/04/2024').time?.[0]).toBe(Date.UTC(2024, 3, 3));
    expect(of('03/04/2024', '04/13/2024').time?.[0]).toBe(Date.UTC(2024, 2, 4));
    // Nobody can tell: no guess.
    const unknown = of('03/04/2024', '05/06/2024');
    expect(unknown.time).toBeUndefined();
    expect(unknown.columns[0]?.because).toContain('day or the month first');
  });

  it('joins a column of dates and one of times of day', () => {
    const table = tableOf(
      'Date,Hour of request,input_tokens,output_tokens\n2024-01-01,13:05,1,2\n2024-01-01,1:06 PM,3,4\n',
    );
    expect([...(table.time ?? [])]).toEqual([Date.UTC(2024, 0, 1, 13, 5), Date.UTC(2024, 0, 1, 13, 6)]);
    expect(table.columns[1]).toMatchObject({ role: 'clock', because: expect.stringContaining('"Date"') });
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

describe('numbers as other countries write them', () => {
  it.each([
    ['decimal commas', 'a;0,25;1200', 0.25, 1200, ','],
    ['thousands by points', 'a;1.234,50 €;4.808', 1234.5, 4808, ','],
    ['thousands by commas', 'a;1,234.50;4,808', 1234.5, 4808, '.'],
    ['tokens with points where only whole numbers make sense', 'a;7;4.808', 7, 4808, ','],
    ['thousands by spaces', 'a;1 234,5;4 808', 1234.5, 4808, ','],
  ])('reads %s', (_name, row, cost, input, sign) => {
    const table = tableOf(`user;cost;input_tokens;output_tokens\n${row};2\n`);
    expect([table.cost?.[0], table.input[0], table.decimal]).toEqual([cost, input, sign]);
  });

  it('reads decimal commas in quotes where commas separate', () => {
    expect(tableOf('cost,input_tokens,output_tokens\n"0,25",1,2\n').cost?.[0]).toBe(0.25);
  });

  it('reports what does not fit the others of its file', () => {
    const table = tableOf(`cost;input_tokens;output_tokens\n${'0,5;1;2\n'.repeat(9)}0.5;1;2\n`);
    expect(table.incomplete).toEqual([]);
    expect(table.decimal).toBe('.');
  });
});

describe('other shapes of a file', () => {
  it('takes the separator from the first line of Excel, and keeps the numbers of lines', () => {
    const table = tableOf('sep=;\r\ninput_tokens;output_tokens\r\n1;2\r\n');
    expect([table.separator, [...table.number]]).toEqual([';', [3]]);
  });

  it('does not count a last row that sums up the others', () => {
    const rows = 'user,input_tokens,output_tokens\na,1,2\nb,3,4\n';
    const table = tableOf(`${rows}Total,4,6\n`);
    expect([...table.input]).toEqual([1, 3]);
    expect(table.rejected).toMatchObject([{ row: 4, reason: 'the row is the sum of the rows above it' }]);
    // Only by name, or only by its sums, it is a request like any other.
    expect(tableOf(`${rows}Total,5,6\n`).input).toHaveLength(3);
    expect(tableOf(`${rows}c,4,6\n`).input).toHaveLength(3);
  });

  it('says which column tells that rows are several requests', () => {
    expect(tableOf('num_requests,input_tokens,output_tokens\n1,1,2\n7,3,4\n').summedBy).toBe('num_requests');
    expect(tableOf('num_requests,input_tokens,output_tokens\n1,1,2\n1,3,4\n').summedBy).toBeUndefined();
  });

  it.each([
    ['columns', '{"input_tokens":[1,3],"output_tokens":[2,4],"model":["a","b"]}'],
    ['a header and rows', '[["input_tokens","output_tokens","model"],[1,2,"a"],[3,4,"b"]]'],
    ['columns and data', '{"columns":["input_tokens","output_tokens"],"index":[0,1],"data":[[1,2],[3,4]]}'],
    ['objects by number', '{"0":{"input_tokens":1,"output_tokens":2},"1":{"input_tokens":3,"output_tokens":4}}'],
    [
      'deeper wrapping',
      '{"ok":true,"result":{"page":1,"rows":[{"prompt_tokens":1,"completion_tokens":2},{"prompt_tokens":3,"completion_tokens":4}]}}',
    ],
    [
      'an export with other lists beside',
      '{"object":"list","errors":[],"data":[{"prompt_tokens":1,"completion_tokens":2},{"prompt_tokens":3,"completion_tokens":4}]}',
    ],
  ])('reads JSON: %s', (_name, text) => {
    const table = tableOf(text);
    expect([...table.input, ...table.output]).toEqual([1, 3, 2, 4]);
  });

  it('reads cached tokens where providers put them, and no part for the whole', () => {
    const usage = {
      completion_tokens_details: { accepted_prediction_tokens: 1, reasoning_tokens: 1 },
      prompt_tokens: 10,
      completion_tokens: 2,
      prompt_tokens_details: { cached_tokens: 4 },
    };
    const table = tableOf(JSON.stringify([{ usage }, { usage }]));
    expect([table.input[0], table.output[0], table.cachedInput?.[0]]).toEqual([10, 2, 4]);
  });

  it.each([
    ['CSV', `input_tokens,output_tokens\n${'1,2\n'.repeat(2_100_000)}`],
    [
      'JSON whose objects have nothing in common',
      JSON.stringify(Array.from({ length: 3000 }, (_, row) => ({ [`c${row}`]: row }))),
    ],
  ])('is refused with more cells than fit: %s', (_name, text) => {
    expect(refusalOf(text)).toMatchObject({ code: 'too_large', message: expect.stringContaining('cells') });
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
