import { describe, expect, it } from 'vitest';
import { describeTable } from '../../src/analysis/describe-data.ts';
import { refusalOf, tableOf } from '../support/read-table.ts';

const HEADER = 'timestamp,input_tokens,output_tokens';
const timesOf = (...cells: string[]) => tableOf([HEADER, ...cells.map((cell) => `"${cell}",1,2`)].join('\n'));
const whys = (table: ReturnType<typeof tableOf>): string =>
  describeTable(table)
    .missing.map(({ what, why }) => `${what}: ${why}`)
    .join('\n');

describe('times as exports write them', () => {
  it.each([
    ['a year of two digits', '11/16/23 18:10', Date.UTC(2023, 10, 16, 18, 10)],
    ['a serial number of Excel', '45246.75', Date.UTC(2023, 10, 16, 18)],
    ['the abbreviation of a zone', '2023-11-16 10:17:03 PST', Date.UTC(2023, 10, 16, 18, 17, 3)],
    ['another one, behind another form', '16 Nov 2023 19:17:03 CET', Date.UTC(2023, 10, 16, 18, 17, 3)],
    ['a date of JavaScript', 'Mon Jan 01 2024 01:00:00 GMT+0100 (CET)', Date.UTC(2024, 0, 1)],
    [
      'the same with a long name',
      'Mon Jan 01 2024 01:00:00 GMT+0100 (Central European Standard Time)',
      Date.UTC(2024, 0, 1),
    ],
  ])('are read: %s', (_name, cell, ms) => expect(timesOf(cell).time?.[0]).toBe(ms));

  it('have their day and month told by any row of the column, and by none of a short sample', () => {
    const many = Array.from({ length: 999 }, () => '03/04/24 10:00');
    expect(timesOf(...many, '13/04/24 10:00').time?.[0]).toBe(Date.UTC(2024, 3, 3, 10));
  });

  it.each([
    ['whose day and month nobody can tell', ['03/04/24 10:00', '05/06/24 10:00'], 'day or the month first'],
    ['with a half of the day, which both orders are written with', ['03/04/2024 6:17 PM'], 'day or the month first'],
    ['of a zone that has several meanings', ['2024-01-01 10:00:00 CST'], 'CST'],
    ['that are none', ['morning'], 'not times'],
  ])('are not used, and the user reads why: %s', (_name, cells, reason) => {
    const table = timesOf(...cells);
    expect(table.time).toBeUndefined();
    expect(whys(table)).toMatch(new RegExp(`"timestamp".*${reason}`));
  });

  it('are no serial numbers where the name does not speak of time', () => {
    expect(tableOf('x1,input_tokens,output_tokens\n45246.75,1,2\n').time).toBeUndefined();
  });

  it('are not alone in being told: so is any column that its name alone would suit', () => {
    expect(whys(tableOf('cost,input_tokens,output_tokens\ncheap,1,2\n'))).toMatch(/"cost".*not amounts/);
  });
});

describe('the shapes of real exports', () => {
  it.each([
    ['a separator at the end of each row', 'input_tokens,output_tokens\n1,2,\n3,4,\n'],
    ['one at the end of the header too', 'input_tokens,output_tokens,\n1,2,\n3,4\n'],
    ['a title above the header', 'Usage of May\n\ninput_tokens,output_tokens\n1,2\n3,4\n'],
    ['a title with a separator', 'Usage, May 2024\n,\ninput_tokens,output_tokens\n1,2\n3,4\n'],
    ['blank rows of a spreadsheet', ';\ninput_tokens;output_tokens\n1;2\n;\n3;4\n;\n'],
  ])('are read: %s', (_name, text) => {
    const table = tableOf(text);
    expect([...table.input, ...table.output]).toEqual([1, 3, 2, 4]);
    expect(table.rejected).toEqual([]);
  });

  it.each(['null', 'NULL', 'NaN', '-', 'n/a', 'N/A', '#N/A', 'None'])('take %s for an empty cell', (empty) => {
    const rows = Array.from({ length: 9 }, (_, row) => `1,2,${row < 6 ? empty : '0.5'}`);
    const table = tableOf(['input_tokens,output_tokens,cost', ...rows].join('\n'));
    expect(table.cost?.filter((cost) => cost > 0)).toHaveLength(3);
  });

  it('have input that did not come from a cache', () => {
    const header = 'usage_input_tokens_no_cache,usage_input_tokens_cache_read,usage_output_tokens';
    const table = tableOf(`${header}\n10,90,2\n`);
    expect([table.input[0], table.cachedInput?.[0]]).toEqual([10, 90]);
    expect(whys(table)).toContain('no_cache');
    expect(tableOf('uncached_input_tokens,output_tokens\n10,2\n').cachedInput).toBeUndefined();
  });

  it('are told that 1,100 beside 0,50 could be two numbers', () => {
    const { message } = refusalOf('input_tokens;output_tokens;cost\n1,100;200;0,50\n');
    expect(message).toContain('1,100');
    expect(message).toMatch(/thousand.*fraction|fraction.*thousand/);
  });

  it('are refused where two columns of one name hold different values, and read where they hold the same', () => {
    expect(refusalOf('input_tokens,input_tokens,output_tokens\n1,9,2\n').message).toContain(
      'two columns have this name',
    );
    expect([...tableOf('input_tokens,input_tokens,output_tokens\n1,1,2\n').input]).toEqual([1]);
    const table = tableOf('input_tokens,output_tokens,model,model\n1,2,a,b\n');
    expect(table.model).toBeUndefined();
    expect(whys(table)).toContain('two columns have this name');
  });

  it('have long names cut, and that is told', () => {
    const table = tableOf(`input_tokens,output_tokens,model,${'x'.repeat(5000)}\n1,2,${'m'.repeat(5000)},3\n`);
    expect(Math.max(...table.columns.map(({ name }) => name.length))).toBe(200);
    expect(table.model?.[0]).toHaveLength(200);
    expect(whys(table)).toContain('200 characters');
    const wide = describeTable(tableOf(`input_tokens,output_tokens,${'c,'.repeat(5000)}\n1,2,${'3,'.repeat(5000)}\n`));
    expect(wide.columns.length).toBeLessThanOrEqual(200);
    const tags = Array.from({ length: 500 }, (_, index) => `tag ${index}`);
    const tagged = tableOf(`input_tokens,output_tokens,${tags.join(',')}\n1,2,${tags.map(() => 'a').join(',')}\n`);
    expect(tagged.tags).toHaveLength(20);
  });
});
