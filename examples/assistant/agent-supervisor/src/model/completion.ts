import { SpanKind, withSpan } from '@reveille/telemetry';
import type { LanguageModel, ModelMessage, ToolSet } from 'ai';
import { experimental_streamLanguageModelCall as streamModelCall, ToolChoiceViolationError } from 'ai';
import type { ModelCall } from '../runs/run-result.ts';
import { failureFrom } from './failure-from.ts';
import { modelFailure } from './model-failure.ts';
import { toolCallFault } from './tool-call-fault.ts';
import { counted, MOST_TOKENS, requireEventStream } from './what-counts.ts';

/** Characters that one completion may have, its reasoning and its tool calls included: then it is not read any more. */
const MOST_CHARACTERS = 100_000;

export interface CompletionRequest {
  model: LanguageModel;
  messages: ModelMessage[];
  system: string;
  tools: ToolSet;
  /** `none`: the model may only write. */
  toolChoice: 'auto' | 'none';
  timeoutMs: number;
  /** Nobody may see it, should an answer repeat it. */
  secret: string | undefined;
  signal: AbortSignal;
  /** Told the characters of text so far, whenever more come. */
  onText?(characters: number): void;
}

export interface ToolCallOfModel {
  name: string;
  input: unknown;
  /** What is wrong with it; absent when it is right. */
  fault?: string;
}

/** A completion that counts: it has the id of a response, a finish reason of one that is whole, and tokens. */
export interface Completion {
  text: string;
  toolCalls: ToolCallOfModel[];
  /** It called tools where it may only write. */
  calledInVain: boolean;
  call: ModelCall;
}

/**
 * Asks the model once, streaming, and takes nothing that does not count. No retries: each failure is told at once.
 * @throws RunFailure with a code of `model-failure.ts`; the reason of `signal` when that aborted
 */
export async function complete(request: CompletionRequest): Promise<Completion> {
  const timeout = AbortSignal.timeout(request.timeoutMs);
  // Aborted in any case at the end: what is not read any more must not go on costing.
  const done = new AbortController();
  const abortSignal = AbortSignal.any([request.signal, timeout, done.signal]);
  const model = typeof request.model === 'string' ? request.model : request.model.modelId;
  const attributes = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': model };
  return withSpan(`chat ${model}`, { kind: SpanKind.CLIENT, attributes }, async (span) => {
    try {
      const completion = await read(request, abortSignal);
      span.setAttributes({
        'gen_ai.response.id': completion.call.response_id,
        'gen_ai.response.model': completion.call.model,
        'gen_ai.response.finish_reasons': [completion.call.finish_reason],
        'gen_ai.usage.input_tokens': completion.call.input_tokens,
        'gen_ai.usage.output_tokens': completion.call.output_tokens,
      });
      return completion;
    } catch (error) {
      request.signal.throwIfAborted();
      if (timeout.aborted)
        throw modelFailure('model_timeout', { expected: `an answer within ${request.timeoutMs / 1000} s` });
      throw failureFrom(error, request.secret);
    } finally {
      done.abort();
    }
  });
}

async function read(request: CompletionRequest, abortSignal: AbortSignal): Promise<Completion> {
  const { model, messages, system, tools, toolChoice, secret } = request;
  const { stream, response } = await streamModelCall({
    ...{ model, instructions: system, messages, tools, toolChoice, abortSignal },
    maxOutputTokens: MOST_TOKENS,
  });
  requireEventStream(response?.headers);
  const completion: Omit<Completion, 'call'> = { text: '', toolCalls: [], calledInVain: false };
  const call: Partial<ModelCall> = {};
  let characters = 0;
  for await (const part of stream) {
    switch (part.type) {
      case 'text-delta':
        characters += part.text.length;
        completion.text += part.text;
        request.onText?.(completion.text.length);
        break;
      case 'reasoning-delta':
        characters += part.text.length;
        break;
      case 'tool-input-delta':
        characters += part.delta.length;
        break;
      case 'tool-call': {
        const fault = part.invalid === true ? toolCallFault(part.toolName, part.error) : undefined;
        const { toolName: name, input } = part;
        completion.toolCalls.push({ name, input, ...(fault === undefined ? {} : { fault }) });
        break;
      }
      case 'model-call-response-metadata':
        if (part.id !== undefined) call.response_id = part.id;
        call.model = part.modelId ?? '';
        break;
      case 'model-call-end':
        call.finish_reason = part.rawFinishReason === undefined ? 'none' : part.finishReason;
        call.input_tokens = part.usage.inputTokens ?? 0;
        call.output_tokens = part.usage.outputTokens ?? 0;
        break;
      case 'error':
        if (!ToolChoiceViolationError.isInstance(part.error)) throw part.error;
        // Some servers know no `none`. The SDK keeps such calls back; the model can be told.
        call.finish_reason = 'tool-calls';
        completion.calledInVain = true;
        break;
    }
    if (characters > MOST_CHARACTERS)
      throw modelFailure('model_truncated', { expected: `at most ${MOST_CHARACTERS} characters` });
  }
  const whole = { ...completion, call: counted(call) };
  // A server may send back what it was sent.
  if (secret !== undefined && JSON.stringify(whole).includes(JSON.stringify(secret).slice(1, -1))) {
    throw modelFailure('model_unsuitable_text', { cause: 'the answer holds the key of this service' });
  }
  return whole;
}
