import type { ModelCall } from '../runs/run-result.ts';
import { modelFailure } from './model-failure.ts';

/** Tokens that one completion may have. Reasoning counts too, so it is wide. */
export const MOST_TOKENS = 16_384;
/** Characters kept of what the provider names. */
const LONGEST_NAME = 200;
/** Ends of a completion that is whole. */
const WHOLE = new Set(['stop', 'tool-calls']);

/** HTTP 200 alone says nothing: a login page has it too. */
export function requireEventStream(headers: Record<string, string> | undefined): void {
  const type = headers?.['content-type'] ?? '';
  if (/^text\/event-stream\b/i.test(type)) return;
  throw modelFailure('model_not_a_completion', {
    expected: 'a completion as an event stream',
    found: type === '' ? 'an answer without a content type' : `an answer of the type "${type.slice(0, 80)}"`,
  });
}

/** What makes a completion count: the id of a response, a finish reason of a whole answer, and tokens. */
export function counted(call: Partial<ModelCall>): ModelCall {
  const { response_id, model, finish_reason, input_tokens, output_tokens } = call;
  if (finish_reason === undefined || finish_reason === 'none') {
    throw modelFailure('model_interrupted', { cause: 'the stream ended without a finish reason' });
  }
  if (finish_reason === 'length') throw modelFailure('model_truncated', { expected: `at most ${MOST_TOKENS} tokens` });
  if (finish_reason === 'content-filter') throw modelFailure('model_declined');
  if (!WHOLE.has(finish_reason)) {
    throw modelFailure('model_not_a_completion', {
      expected: 'a finish reason of a whole answer',
      found: finish_reason,
    });
  }
  if (response_id === undefined || response_id === '') {
    throw modelFailure('model_not_a_completion', { expected: 'a completion with the id of a response', found: 'none' });
  }
  if (!(input_tokens !== undefined && input_tokens > 0 && output_tokens !== undefined && output_tokens > 0)) {
    const found = `${input_tokens ?? 0} input and ${output_tokens ?? 0} output tokens`;
    throw modelFailure('model_empty', { expected: 'a completion with counted tokens', found });
  }
  const [id, name] = [response_id, model ?? ''].map((text) => text.slice(0, LONGEST_NAME));
  return { response_id: id ?? '', model: name ?? '', finish_reason, input_tokens, output_tokens };
}
