import { describe, expect, it } from 'vitest';
import { breakDownCost } from '../../src/analysis/cost-breakdown.ts';
import { compareTables } from '../../src/analysis/compare-tables.ts';
import { describeTable } from '../../src/analysis/describe-data.ts';
import { tableOf } from '../support/read-table.ts';

const of = (header: string, ...rows: string[]) =>
  tableOf([`input_tokens,output_tokens,${header}`, ...rows.map((row) => `10,1,${row}`)].join('\n'));
const moneyOf = (table: ReturnType<typeof of>) => {
  const { totals, money, missing } = describeTable(table);
  return { cost: totals.cost, money, missing: missing.map(({ what, why }) => `${what}: ${why}`).join('\n') };
};

describe('the currency of a row', () => {
  it.each([
    ['the sign in the cells', of('cost', '$2.00', '$1.50'), 'USD'],
    ['a code in the cells, before or behind', of('cost', 'SEK 2.00', '1.50 SEK'), 'SEK'],
    ['a column beside', of('cost,currency', '2.00,eur', '1.50,EUR'), 'EUR'],
    ['a sign in a column beside', of('cost,Billing currency', '2.00,€', '1.50,€'), 'EUR'],
    ['the name of the column', of('cost_gbp', '2.00', '1.50'), 'GBP'],
  ])('is that of %s', (_name, table, currency) => {
    expect(moneyOf(table)).toMatchObject({ cost: 3.5, money: { source: 'cost column', currency } });
  });

  it.each([
    ['in the cells', of('cost', '$2.00', '€1.50')],
    ['in a column beside', of('cost,currency', '2.00,USD', '1.50,EUR')],
    ['in a cell against the column', of('cost_usd', '2.00', '€1.50')],
  ])('is never summed with another one: %s', (_name, table) => {
    const { cost, money, missing } = moneyOf(table);
    expect([cost, money]).toEqual([undefined, undefined]);
    expect(missing).toMatch(/USD and EUR|EUR and USD/);
    expect(JSON.stringify(breakDownCost(table))).not.toContain('"cost"');
  });
});

describe('a cost column in cents', () => {
  it('is read as hundredths', () => {
    expect(moneyOf(of('cost_cents', '150', '50')).cost).toBe(2);
    expect(moneyOf(of('cost_in_usd_cents', '150', '50'))).toMatchObject({ cost: 2, money: { currency: 'USD' } });
  });
});

describe('comparing what two tables cost', () => {
  const costRow = (now: ReturnType<typeof of>, before: ReturnType<typeof of>) => {
    const { changes, missing } = compareTables(now, before);
    return {
      row: changes.find(({ what }) => what === 'cost'),
      why: missing.map(({ what, why }) => `${what}: ${why}`).join('\n'),
    };
  };

  it('leaves it out where the currencies differ, or one is unknown, and says why', () => {
    const differing = costRow(of('cost_usd', '3'), of('cost_eur', '2'));
    expect(differing.row).toBeUndefined();
    expect(differing.why).toMatch(/USD.*EUR|EUR.*USD/);
    expect(costRow(of('cost', '3'), of('cost_eur', '2')).row).toBeUndefined();
    expect(costRow(of('cost_eur', '3'), of('cost_eur', '2')).row).toMatchObject({ before: 2, now: 3 });
  });
});
