import { RunFailure } from '../runs/run-failure.ts';

const AGAIN = 'Send the question again in a moment. If that fails too, tell whoever runs this service.';
const OPERATOR = 'Tell whoever runs this service, with the trace id: the log says why.';

/** What a configured language model can do instead of answering, in words for the user. None of them is answered by another engine. */
const WORDS = {
  model_unreachable: ['The language model could not be reached, so there is no answer.', AGAIN],
  model_timeout: ['The language model took too long, so it was not waited for any more.', AGAIN],
  model_busy: ['The language model takes no more requests at the moment.', AGAIN],
  model_key_refused: ['The language model refused the key of this service.', OPERATOR],
  model_refused: ['The language model refused the request of this service.', OPERATOR],
  model_failed: ['The language model failed while it worked on this question.', AGAIN],
  model_interrupted: ['The answer of the language model broke off before its end.', AGAIN],
  model_truncated: ['The language model wrote more than an answer may hold.', 'Ask about one thing only.'],
  model_empty: ['The language model ended without an answer.', AGAIN],
  model_not_a_completion: [
    'What answered is not a language model: it sent something else than a completion.',
    OPERATOR,
  ],
  model_declined: ['The language model declined to answer this question.', 'Ask it in other words.'],
  model_wrong_call: [
    'The language model called the tools in a way that they do not take, also after it was told.',
    AGAIN,
  ],
  model_unproven_figure: [
    'The language model wrote figures that no tool gave, also after it was told, so its text is not shown.',
    'Send the question again, or ask about one thing only.',
  ],
  model_unsuitable_text: ['The language model wrote what an answer may not hold, so its text is not shown.', AGAIN],
  question_too_long: ['The question is longer than the language model is given.', 'Ask a shorter question.'],
} as const satisfies Record<string, readonly [message: string, advice: string]>;

/** Codes of `agent_failed` that only a language model can cause. */
export const MODEL_FAILURE_CODES = Object.keys(WORDS);
export type ModelFailureCode = keyof typeof WORDS;

/**
 * A failure of the language model. `cause` is for the log and made from what is known to hold neither the key nor the prompt:
 * the errors of the SDK carry whole requests.
 */
export function modelFailure(
  code: ModelFailureCode,
  of: { cause?: string; expected?: string; found?: string } = {},
): RunFailure {
  const [message, advice] = WORDS[code];
  const { cause, ...words } = of;
  return new RunFailure({ code, message, advice, ...words }, cause === undefined ? {} : { cause: new Error(cause) });
}
