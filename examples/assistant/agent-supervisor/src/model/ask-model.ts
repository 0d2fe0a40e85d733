import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { extractReasoningMiddleware, wrapLanguageModel, type ModelMessage, type ToolSet } from 'ai';
import { boundedFetch } from './bounded-fetch.ts';
import { complete, type Completion } from './completion.ts';
import type { ModelSettings } from './model-settings.ts';
import { SYSTEM } from './prompt.ts';

/** The model of the settings, ready to be asked. */
export interface AskModel {
  readonly model: string;
  complete(
    of: {
      messages: ModelMessage[];
      tools: ToolSet;
      toolChoice: 'auto' | 'none';
      onText?: (characters: number) => void;
    },
    work: { signal: AbortSignal },
  ): Promise<Completion>;
}

export function askModel({ baseUrl, apiKey, model, timeoutMs }: ModelSettings): AskModel {
  const provider = createOpenAICompatible({
    name: 'openai-compatible',
    baseURL: baseUrl,
    // Else a stream counts no tokens, and an answer without them does not count.
    includeUsage: true,
    fetch: boundedFetch,
    ...(apiKey === undefined ? {} : { apiKey }),
    transformRequestBody: (body) => withTokenLimit(body, baseUrl),
  });
  // Some servers send the reasoning of a model within its text, between <think> and </think>.
  const middleware = extractReasoningMiddleware({ tagName: 'think' });
  const wrapped = wrapLanguageModel({ model: provider.chatModel(model), middleware });
  return {
    model,
    complete: (of, { signal }) =>
      complete({ ...of, model: wrapped, system: SYSTEM, timeoutMs, secret: apiKey, signal }),
  };
}

/** OpenAI's own newer models refuse `max_tokens`; others know nothing else. */
export function withTokenLimit(body: Record<string, unknown>, baseUrl: string): Record<string, unknown> {
  const { hostname } = new URL(baseUrl);
  if (!/(^|\.)openai\.(com|azure\.com)$/.test(hostname)) return body;
  const { max_tokens, ...rest } = body;
  return { ...rest, max_completion_tokens: max_tokens };
}
