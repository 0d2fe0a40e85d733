import { describe, expect, it } from 'vitest';
import { findCaching } from '../../src/analysis/caching.ts';
import { tableOf } from '../support/read-table.ts';

describe('hashes without times', () => {
  const table = tableOf(
    [
      'input_tokens,output_tokens,model,prompt_hash,prefix_hash',
      ...['700,9,m,x,p', '700,9,m,y,p', '900,9,m,x,p', '700,9,other,x,q', '50,9,m,,q'],
    ].join('\n'),
  );
  const { opportunities, missing } = findCaching(table, { windowMs: 10_000, minPrefixTokens: 100 });
  const named = (id: string) => opportunities.find((one) => one.id === id);

  it('are counted over the whole file, as a bound, since the order in time is unknown', () => {
    expect(named('known-repeats')).toMatchObject({
      certainty: 'upper bound',
      numbers: { requests: 1, inputTokens: 900, outputTokens: 9 },
      because: expect.stringContaining('order in time is unknown'),
    });
    expect(named('known-repeats')?.numbers).not.toHaveProperty('windowMs');
    expect(named('known-prefixes')).toMatchObject({ numbers: { requests: 2, inputTokensAtMost: 1400 } });
    expect(missing.map(({ what }) => what)).toContain('a time column');
    expect(JSON.stringify(opportunities)).not.toContain('no hash');
  });
});
