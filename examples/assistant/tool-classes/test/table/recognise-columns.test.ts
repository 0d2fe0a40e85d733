import { describe, expect, it } from 'vitest';
import { tableOf } from '../support/read-table.ts';

function rolesOf(header: string[], ...rows: string[][]): Record<string, string | undefined> {
  const table = tableOf([header, ...rows].map((cells) => cells.join(',')).join('\n'));
  return Object.fromEntries(table.columns.map(({ name, role }) => [name, role]));
}

describe('recognising columns', () => {
  it.each([
    ['TIMESTAMP', 'ContextTokens', 'GeneratedTokens'],
    ['created_at', 'prompt_tokens', 'completion_tokens'],
    ['Date', 'Input tokens', 'Output tokens'],
    ['request time', 'usage.input_tokens', 'usage.output_tokens'],
    ['ts', 'num_prefill_tokens', 'num_decode_tokens'],
    ['datetime', 'Prompt', 'Completion'],
    ['arrival', 'tokensIn', 'tokensOut'],
  ])('knows %s, %s, %s', (time, input, output) => {
    expect(rolesOf([time, input, output], ['2024-01-01 00:00:00', '10', '2'])).toEqual({
      [time]: 'time',
      [input]: 'input',
      [output]: 'output',
    });
  });

  it('finds them in any order among others, and leaves sums, cached, reasoning and cost parts alone', () => {
    const header = [
      'id',
      'total_tokens',
      'cached_input_tokens',
      'completion_tokens',
      'reasoning_tokens',
      'input_cost',
      'prompt_tokens',
      'cost_usd',
      'model',
      'user',
      'created',
    ];
    const row = ['r1', '12', '4', '2', '1', '0.1', '10', '0.5', 'm-large', 'ann', '1700158623'];
    expect(rolesOf(header, row)).toEqual({
      id: undefined,
      total_tokens: undefined,
      cached_input_tokens: 'cachedInput',
      completion_tokens: 'output',
      reasoning_tokens: undefined,
      input_cost: undefined,
      prompt_tokens: 'input',
      cost_usd: 'cost',
      model: 'model',
      user: 'tag',
      created: 'time',
    });
  });

  it('recognises a time column by its content when its name says nothing', () => {
    expect(rolesOf(['x1', 'input_tokens', 'output_tokens'], ['2024-01-01 00:00:00', '1', '2'])).toMatchObject({
      x1: 'time',
    });
  });

  it('does not trust a name that its content contradicts', () => {
    const table = tableOf('time,input_tokens,output_tokens\nmorning,1,2\nnoon,3,4\n');
    expect(table.time).toBeUndefined();
    expect(table.columns[0]?.because).toBe('its name suggests time, but its cells are not times');
  });

  it('does not take an identifier for a tag', () => {
    const rows = Array.from({ length: 60 }, (_, index) => ['1', '2', `user-${index}`]);
    expect(rolesOf(['input_tokens', 'output_tokens', 'user'], ...rows)['user']).toBeUndefined();
  });

  it('reads the currency from the name or the cells and assumes none', () => {
    expect(tableOf('input_tokens,output_tokens,cost_eur\n1,2,0.5').currency).toBe('EUR');
    expect(tableOf('input_tokens,output_tokens,cost\n1,2,$0.5').currency).toBe('USD');
    expect(tableOf('input_tokens,output_tokens,cost\n1,2,0.5').currency).toBeUndefined();
  });
});
