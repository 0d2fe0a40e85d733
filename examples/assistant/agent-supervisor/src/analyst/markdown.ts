/** Longest name quoted in a text; results carry names whole. */
const QUOTED_CHARACTERS = 60;

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const oneDigit = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 });
const sixDigits = new Intl.NumberFormat('en-US', { maximumFractionDigits: 6 });

/** A count, whole: 18,059,974. */
export function count(value: number): string {
  return whole.format(value);
}

export function decimal(value: number): string {
  return oneDigit.format(value);
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

export function joined(words: readonly string[]): string {
  return words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

/** A phrase by which stand-ins are known; see the content rules of the catalog. */
const STAND_IN_MARK = /(degraded\s+f)(?=unctionality)/gi;

/** A name from the user's table (a file, a model, a tag) as part of a text, set apart from our own words. */
export function quote(name: string): string {
  return `\`${onOneLine(name).replaceAll('`', "'").replaceAll('|', '/')}\``;
}

/** The same for a short word such as a currency, without setting it apart. */
export function plain(word: string): string {
  return onOneLine(word).replace(/[\\`*_{}[\]<>|~]/g, String.raw`\$&`);
}

/** On one line, cut when it is long. A name may rightly contain the mark of a stand-in; in a text it would look like one, so it is cut there. */
function onOneLine(name: string): string {
  const line = name
    .normalize('NFKC')
    .replace(/[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800\s]+/gu, ' ')
    .trim();
  const [before, mark] = line.split(STAND_IN_MARK);
  const safe = mark === undefined ? line : `${before}${mark}…`;
  return safe.length > QUOTED_CHARACTERS ? `${safe.slice(0, QUOTED_CHARACTERS - 1)}…` : safe;
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, column) => (column === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}

export function bullets(lines: readonly string[]): string {
  return lines.map((line) => `- ${line}`).join('\n');
}

export function numbered(lines: readonly string[]): string {
  return lines.map((line, index) => `${index + 1}. ${line}`).join('\n');
}
