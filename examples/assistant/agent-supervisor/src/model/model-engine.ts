import type { Engine } from '../engine/engine.ts';
import { askModel } from './ask-model.ts';
import { modelFailure } from './model-failure.ts';
import type { ModelSettings } from './model-settings.ts';
import { planWithModel } from './plan-with-model.ts';
import { writeWithModel } from './write-with-model.ts';

/** Longest question that a model is given, in characters. */
const LONGEST_QUESTION = 20_000;

/** An engine whose plans and texts are a language model's. What that cannot do is a failure: there is no other engine behind this one. */
export function createModelEngine(settings: ModelSettings): Engine {
  const ask = askModel(settings);
  return {
    name: 'model',
    languageModel: settings.model,
    plan: async (of, work) => {
      const { length } = of.question;
      if (length > LONGEST_QUESTION) {
        const expected = `at most ${LONGEST_QUESTION} characters`;
        throw modelFailure('question_too_long', { expected, found: `${length} characters` });
      }
      return planWithModel(ask, of, work);
    },
    write: (of, work) => writeWithModel(ask, of, work),
  };
}
