import type { ActionItem, Finding, Missing, Opportunity, Recommendation } from '../../runs/run-result.ts';
import { pricesWords, unusedWords, type StatedPrices } from '../../prices/stated-prices.ts';
import type { ToolAnswers } from '../../tools/tool-results.ts';
import { amount, counted, duration, moment } from '../../wording/figures.ts';
import { bullets, joined, numbered } from '../../wording/markdown.ts';
import { quote } from '../../wording/quote.ts';
import { changeTable } from './change-table.ts';
import { groupTables } from './group-tables.ts';
import { largestRowsTable, largestRowsTitle } from './largest-rows.ts';

interface Parts {
  tableName: string;
  prices: StatedPrices | undefined;
  /** What the user should read first. */
  note?: string | undefined;
  answers: ToolAnswers;
  insights: readonly Finding[];
  opportunities: readonly Opportunity[];
  recommendations: readonly Recommendation[];
  actionItems: readonly ActionItem[];
  missing: readonly Missing[];
}

/** The whole report in Markdown: what the table holds, what stands out, what could be done, what is missing, and how it was made. */
export function reportText(parts: Parts): string {
  const { answers, insights, opportunities, recommendations, actionItems, missing } = parts;
  const from = (tool: string): string[] =>
    insights.filter(({ source }) => source.tool === tool).map(({ text }) => text);
  const breakdown = answers.cost_breakdown?.value;
  return [
    parts.note ?? '',
    heldByTable(parts),
    section(largestRowsTitle(breakdown), [], largestRowsTable(breakdown)),
    section(comparedWith(answers), from('compare_tables'), changeTable(answers.compare_tables?.value)),
    section('Where the tokens go', from('cost_breakdown'), groupTables(breakdown)),
    section('The load over time', from('trend_and_peaks')),
    section('What is unusual', [...from('anomalies'), ...howAnomalies(answers)]),
    section(
      'What could be done',
      opportunities.map(({ title, text, certainty }) => `**${title}** (${certainty}). ${text}`),
    ),
    recommendations.length === 0
      ? ''
      : `## Next steps\n\n${numbered(actionItems.filter((item) => item.recommendation !== undefined).map(({ title, text }) => `**${title}.** ${text}`))}`,
    section(
      'What is missing',
      missing.map(({ what, why }) => `${capital(what)}: ${why}.`),
    ),
    howMade(answers),
  ]
    .filter((text) => text !== '')
    .join('\n\n');
}

function heldByTable({ tableName, prices, answers, insights }: Parts): string {
  const description = answers.describe_data?.value;
  if (description === undefined) throw new Error('a report is written about a table that was described');
  const { totals, timeSpan, money } = description;
  const span =
    timeSpan === undefined
      ? ''
      : ` from ${moment(timeSpan.from)} to ${moment(timeSpan.to)} (${duration(timeSpan.durationMs)}${timeSpan.assumedUtc ? '; the file names no time zone, so its times are read as UTC' : ''})`;
  const cost = money === undefined || totals.cost === undefined ? '' : `, which cost **${amount(totals.cost, money)}**`;
  const held =
    `**${quote(tableName)}** holds **${counted(totals.requests, 'request')}**${span}: **${counted(totals.inputTokens, 'input token')}** and ` +
    `**${counted(totals.outputTokens, 'output token')}**${cost}.`;
  const more = insights
    .filter(({ source, id }) => source.tool === 'describe_data' && id !== 'cost')
    .map(({ text }) => text);
  const priced =
    prices === undefined ? [] : [money?.source === 'cost column' ? unusedWords(prices) : pricesWords(prices)];
  return [held, ...priced, ...more].join(' ');
}

/** Which method found them, and why that one; said here because it differs from table to table. */
function howAnomalies({ anomalies }: ToolAnswers): string[] {
  if (anomalies === undefined) return [];
  const { season, because } = anomalies.value;
  const method =
    season === undefined ? 'robust z-scores' : `seasonal decomposition by ${season.name} and robust z-scores`;
  return [`Found by ${method}: ${because}.`];
}

function comparedWith({ compare_tables }: ToolAnswers): string {
  const name = compare_tables?.value.before.name;
  return name === undefined ? 'Compared with the other table' : `Compared with ${quote(name)}`;
}

function section(title: string, lines: readonly string[], more: readonly string[] = []): string {
  if (lines.length === 0 && more.length === 0) return '';
  return [`## ${title}`, ...(lines.length === 0 ? [] : [bullets(lines)]), ...more].join('\n\n');
}

function howMade(answers: ToolAnswers): string {
  const tools = Object.values(answers).map(({ tool, call }) => `\`${tool}\` (${call})`);
  return `---\n\nNo language model took part: the engine \`analyst\` chose the tools by the words of the question and wrote this from their results: ${joined(tools)}.`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
