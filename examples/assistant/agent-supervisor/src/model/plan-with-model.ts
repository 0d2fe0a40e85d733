import type { ModelMessage } from 'ai';
import type { AnalysisPlan, EngineWork, PlanRequest } from '../engine/engine.ts';
import type { ModelCall } from '../runs/run-result.ts';
import { FINDS_SAVINGS, type ToolName } from '../tools/tool-names.ts';
import type { JsonObject } from '../tools/tool-results.ts';
import { joined } from '../wording/markdown.ts';
import { quote } from '../wording/quote.ts';
import type { AskModel } from './ask-model.ts';
import type { Completion } from './completion.ts';
import { modelFailure } from './model-failure.ts';
import { offeredTools } from './offered-tools.ts';
import { choosing, conversation } from './prompt.ts';

/** How often the model is told that its calls were wrong. */
const MOST_CORRECTIONS = 2;
/** Characters of the faults that it is told, and of its calls that are repeated to it. */
const LONGEST_FAULTS = 1500;

/** Lets the model choose the tools and their arguments. @throws RunFailure `model_wrong_call` when it still cannot after being told */
export async function planWithModel(ask: AskModel, of: PlanRequest, work: EngineWork): Promise<AnalysisPlan> {
  const tools = offeredTools(await work.describeTools(), of.description.value);
  const messages: ModelMessage[] = [
    ...conversation({ question: of.question, tableName: undefined, answers: [of.description] }),
    { role: 'user', content: choosing(of.comparedWith) },
  ];
  const modelCalls: ModelCall[] = [];
  work.think(`Asking the language model ${quote(ask.model)} which tools the question needs.`);
  for (let corrections = 0; ; corrections += 1) {
    const completion = await ask.complete({ messages, tools, toolChoice: 'auto' }, work);
    modelCalls.push(completion.call);
    const faults = faultsOf(completion, Object.keys(tools));
    if (faults.length === 0) return { ...planOf(completion, ask.model, of.comparedWith !== undefined), modelCalls };
    const found = faults.join(' ').slice(0, LONGEST_FAULTS);
    if (corrections === MOST_CORRECTIONS) {
      throw modelFailure('model_wrong_call', { expected: 'calls as the tools describe them', found, cause: found });
    }
    work.think(
      'The language model called tools in a way that they do not take, so it is told what is wrong and asked again.',
    );
    messages.push(
      // In words: not every server takes back a call whose arguments it cannot read.
      { role: 'assistant', content: `I called: ${JSON.stringify(completion.toolCalls).slice(0, LONGEST_FAULTS)}` },
      {
        role: 'user',
        content: `These calls are wrong. ${found} Nothing was run. Correct them, and call all tools that you need again.`,
      },
    );
  }
}

function faultsOf({ text, toolCalls }: Completion, offered: readonly string[]): string[] {
  if (toolCalls.length === 0 && text.trim() === '') throw modelFailure('model_empty');
  const names = toolCalls.map(({ name }) => name);
  return [
    ...toolCalls.flatMap(({ fault }) => fault ?? []),
    ...offered
      .filter((name) => names.indexOf(name) !== names.lastIndexOf(name))
      .map((name) => `${name} is called more than once.`),
  ];
}

function planOf({ toolCalls }: Completion, model: string, isCompared: boolean): AnalysisPlan {
  const chosen = toolCalls.map(({ name }) => name as ToolName);
  const options = Object.fromEntries(toolCalls.map(({ name, input }) => [name, input as JsonObject]));
  const names = joined(chosen.map((tool) => `\`${tool}\``));
  return {
    topics: [],
    reasoning:
      chosen.length === 0
        ? `The language model ${quote(model)} finds that the description of the table ${isCompared ? 'and the comparison are' : 'is'} enough.`
        : `The language model ${quote(model)} chose ${names}.`,
    data: chosen.filter((tool) => !FINDS_SAVINGS.has(tool)),
    optimization: chosen.filter((tool) => FINDS_SAVINGS.has(tool)),
    options,
    missing: [],
  };
}
