import { joined } from './markdown.ts';
import { plain } from './quote.ts';

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const oneDigit = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 });
const threeDigits = new Intl.NumberFormat('en-US', { maximumFractionDigits: 3 });
const sixDigits = new Intl.NumberFormat('en-US', { maximumFractionDigits: 6 });

/** A count, whole: 18,059,974. */
export function count(value: number): string {
  return whole.format(value);
}

/** A count with its noun: 1 request, 2 requests. */
export function counted(value: number, noun: string): string {
  return `${count(value)} ${nounFor(value, noun)}`;
}

/** The noun as the count wants it. */
export function nounFor(value: number, noun: string): string {
  return count(value) === '1' ? noun : `${noun}s`;
}

/** A count, with a fraction where it would else be 0. */
export function countOrFraction(value: number): string {
  return value !== 0 && Math.abs(value) < 1 ? figure(value) : count(value);
}

export function decimal(value: number): string {
  return oneDigit.format(value);
}

/** Any number, with three decimals at most. */
export function figure(value: number): string {
  return threeDigits.format(value);
}

/** A share between 0 and 1 as per cent. */
export function percent(share: number): string {
  return `${oneDigit.format(share * 100)} %`;
}

export interface MoneySource {
  source: 'cost column' | 'prices given';
  currency?: string | undefined;
}

/** An amount, with the currency only when somebody stated one. */
export function amount(value: number, money: MoneySource): string {
  const unit = money.currency === undefined ? `(in the currency of the ${money.source})` : plain(money.currency);
  return `${sixDigits.format(value)} ${unit}`;
}

export function duration(ms: number): string {
  if (ms < 1000) return `${whole.format(ms)} ms`;
  if (ms < 120_000) return `${oneDigit.format(ms / 1000)} s`;
  if (ms < 2 * 3_600_000) return `${oneDigit.format(ms / 60_000)} min`;
  if (ms < 48 * 3_600_000) return `${oneDigit.format(ms / 3_600_000)} h`;
  return `${oneDigit.format(ms / 86_400_000)} days`;
}

/** ISO time as people read it, to the second. */
export function moment(iso: string): string {
  return iso.replace('T', ' ').replace(/(\.\d+)?Z$/, ' UTC');
}

/** Row numbers of a sample: "rows 5, 8 and 13" with how many more there are. */
export function rowsWords(rows: readonly number[], total: number, most = 5): string {
  const shown = rows.slice(0, most).map(String);
  if (shown.length === 0) return '';
  const more = total - shown.length;
  return `${total === 1 ? 'row' : 'rows'} ${more > 0 ? `${shown.join(', ')} and ${whole.format(more)} more` : joined(shown)}`;
}
