import { describe, expect, it } from 'vitest';
import { topicsOf } from '../../src/analyst/topics.ts';

describe('the topics of a question', () => {
  it.each([
    ['Where do the tokens go?', ['spending']],
    ['What does it cost us?', ['spending']],
    ['When are the peaks?', ['trend']],
    ['Anything unusual?', ['anomalies']],
    ['Would caching help?', ['caching']],
    ['Can we batch requests?', ['batching']],
    ['Would a smaller model do?', ['right_sizing']],
    ['How can we save?', ['saving']],
    ['Are there peaks that batching would flatten?', ['trend', 'batching']],
    ['Give me an overview', ['summary']],
    ['', ['summary']],
    ['Bonjour', ['summary']],
  ])('%j', (question, topics) => {
    expect(topicsOf(question).map(({ id }) => id)).toEqual(topics);
  });
});
