import type { ModelMessage } from 'ai';
import { findingsFrom } from '../analyst/findings/findings.ts';
import type { AnalysisPlan, EngineWork, Report } from '../engine/engine.ts';
import { pricesWords, unusedWords, type StatedPrices } from '../prices/stated-prices.ts';
import type { ToolAnswers } from '../tools/tool-results.ts';
import { joined } from '../wording/markdown.ts';
import { quote } from '../wording/quote.ts';
import type { AskModel } from './ask-model.ts';
import { modelFailure } from './model-failure.ts';
import { offeredTools } from './offered-tools.ts';
import { givenFigures } from './proof/given-figures.ts';
import { unprovenFigures } from './proof/unproven-figures.ts';
import { unsuitableIn } from './proof/unsuitable-text.ts';
import { conversation, writing } from './prompt.ts';

/** Longest text of an answer, in characters. */
const LONGEST_TEXT = 20_000;
/** How often the model is told that its text breaks a rule. */
const MOST_CORRECTIONS = 1;
/** Characters between two words of progress. */
const PROGRESS_CHARACTERS = 1000;
/** Figures that are named in a failure. */
const MOST_NAMED = 8;

/** Lets the model write, and lets no text pass that breaks a rule. @throws RunFailure when it still does after being told */
export async function writeWithModel(
  ask: AskModel,
  of: {
    question: string;
    tableName: string;
    prices: StatedPrices | undefined;
    plan: AnalysisPlan;
    answers: ToolAnswers;
  },
  work: EngineWork,
): Promise<Report> {
  const { question, tableName, prices, plan, answers } = of;
  const { describe_data } = answers;
  if (describe_data === undefined) throw new Error('a report is written about a table that was described');
  const tools = offeredTools(await work.describeTools(), describe_data.value);
  const results = Object.values(answers);
  const given = givenFigures({
    results: results.map(({ whole }) => whole),
    names: namesIn(tableName, answers),
    prices: prices?.prices,
  });
  const messages: ModelMessage[] = [
    ...conversation({ question, tableName, answers: results, options: plan.options }),
    { role: 'user', content: writing(plan.missing) },
  ];
  const modelCalls = [...(plan.modelCalls ?? [])];
  work.think(`The language model ${quote(ask.model)} reads the results and writes the answer.`);
  for (let corrections = 0; ; corrections += 1) {
    const onText = progress(work);
    const completion = await ask.complete({ messages, tools, toolChoice: 'none', onText }, work);
    modelCalls.push(completion.call);
    const text = completion.text.trim();
    if (text === '' && !completion.calledInVain) throw modelFailure('model_empty');
    work.think('Checking that each figure of the text stands in a result of a tool.');
    const unsuitable = [
      ...(completion.calledInVain ? ['It calls tools, and no more can be called.'] : []),
      ...unsuitableIn(text, { mostCharacters: LONGEST_TEXT, hasMoney: hasMoney(answers) }),
    ];
    const unproven = text.length > LONGEST_TEXT ? [] : unprovenFigures(text, given, question);
    if (unproven.length === 0 && unsuitable.length === 0) {
      return { ...findingsFrom(plan, answers), text: `${text}\n\n${howMade(ask.model, answers, prices)}`, modelCalls };
    }
    if (corrections === MOST_CORRECTIONS) throw refusalOf(unproven, unsuitable);
    work.think('The text breaks a rule for answers, so the language model is told and writes it again.');
    messages.push(
      { role: 'assistant', content: text === '' ? '(a call of tools)' : text.slice(0, LONGEST_TEXT) },
      { role: 'user', content: correctionOf(unproven, unsuitable) },
    );
  }
}

function namesIn(tableName: string, answers: ToolAnswers): string[] {
  return [tableName, ...Object.values(answers).flatMap(({ tool, call }) => [tool, call])];
}

/** Whether a column of a table or prices of the user made amounts of money. */
function hasMoney(answers: ToolAnswers): boolean {
  // A cost column may be in the other table only.
  if (answers.compare_tables?.value.before.totals.cost !== undefined) return true;
  return Object.values(answers).some(({ value }) => 'money' in value && value.money !== undefined);
}

function progress(work: EngineWork): (characters: number) => void {
  let told = 0;
  return (characters) => {
    if (characters < told + PROGRESS_CHARACTERS || told >= LONGEST_TEXT) return;
    told = characters - (characters % PROGRESS_CHARACTERS);
    work.think(
      `The language model is writing: ${told} characters so far. The text is shown when its figures have been checked.`,
    );
  };
}

function correctionOf(unproven: readonly string[], unsuitable: readonly string[]): string {
  const figures =
    unproven.length === 0
      ? ''
      : `No tool gave these figures: ${unproven.slice(0, MOST_NAMED * 3).join('; ')}. Leave out whatever rests on them. `;
  return `This text cannot be shown. ${figures}${unsuitable.join(' ')} Write the whole answer again, without what is wrong and without a word about this correction.`;
}

function refusalOf(unproven: readonly string[], unsuitable: readonly string[]): Error {
  if (unproven.length === 0) {
    return modelFailure('model_unsuitable_text', {
      expected: 'plain Markdown',
      found: unsuitable.join(' '),
      cause: unsuitable.join(' '),
    });
  }
  const found = unproven.slice(0, MOST_NAMED).join('; ');
  return modelFailure('model_unproven_figure', {
    expected: 'figures that stand in results of the tools',
    found,
    cause: found,
  });
}

function howMade(model: string, answers: ToolAnswers, prices: StatedPrices | undefined): string {
  const tools = Object.values(answers).map(({ tool, call }) => `\`${tool}\` (${call})`);
  const source = answers.describe_data?.value.money?.source;
  const priced = prices === undefined ? '' : ` ${source === 'cost column' ? unusedWords(prices) : pricesWords(prices)}`;
  return `---\n\nThe language model ${quote(model)} chose tools for the question and wrote this from the results of ${joined(tools)}. Each figure in it stands in these results, rounded at most, or is a price or a quotation from your message.${priced}`;
}
