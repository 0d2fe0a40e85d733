import { describe, expect, it } from 'vitest';
import { withTable } from '../../src/agents/use-tool.ts';
import { refusalIn } from '../../src/tools/tool-failure.ts';

const table = { name: 'a.csv', content: 'x', ref: 'r' };
const refuse = (code: string): Error => refusalIn('anomalies', { code, message: 'No.' });

describe('a table that the tools know', () => {
  it('is named by its ref, and sent again when they had to forget it', async () => {
    const asked: unknown[] = [];
    const answer = await withTable(table, async (argument) => {
      asked.push(argument);
      if ('ref' in argument) throw refuse('unknown_table');
      return 'answer';
    });
    expect(answer).toBe('answer');
    expect(asked).toEqual([{ ref: 'r' }, { content: 'x', name: 'a.csv' }]);
  });

  it('is not sent again for any other refusal', async () => {
    const asked: unknown[] = [];
    const asking = withTable(table, async (argument) => {
      asked.push(argument);
      throw refuse('missing_columns');
    });
    await expect(asking).rejects.toMatchObject({ words: { code: 'missing_columns' } });
    expect(asked).toEqual([{ ref: 'r' }]);
  });
});
