import { describe, expect, it } from 'vitest';
import { withTokenLimit } from '../../src/model/ask-model.ts';
import { readModelSettings } from '../../src/model/model-settings.ts';

const right = { OPENAI_BASE_URL: 'https://models.example/v1/', OPENAI_API_KEY: 'sk-1', MODEL: 'tiny-1' };

describe('the settings of the language model', () => {
  it('are read, with or without a key', () => {
    const settings = { baseUrl: 'https://models.example/v1', model: 'tiny-1', timeoutMs: 60_000 };
    expect(readModelSettings(right)).toEqual({ settings: { ...settings, apiKey: 'sk-1' }, faults: [] });
    expect(readModelSettings({ ...right, OPENAI_API_KEY: '', MODEL_TIMEOUT_MS: '5000' })).toEqual({
      settings: { ...settings, timeoutMs: 5000 },
      faults: [],
    });
  });

  it('ask for no model when there are none, or only a key', () => {
    expect(readModelSettings({})).toEqual({ faults: [] });
    expect(readModelSettings({ MODEL: '', OPENAI_API_KEY: 'sk-1' })).toEqual({ faults: [] });
  });

  it.each([
    ['no model', { MODEL: '' }, 'MODEL is missing'],
    ['no server', { OPENAI_BASE_URL: '' }, 'OPENAI_BASE_URL is missing'],
    ['no URL', { OPENAI_BASE_URL: 'localhost:11434' }, 'OPENAI_BASE_URL must be an http or https URL'],
    ['no HTTP', { OPENAI_BASE_URL: 'file:///models' }, 'OPENAI_BASE_URL must be an http or https URL'],
    [
      'a password in the URL',
      { OPENAI_BASE_URL: 'https://a:s3cret@models.example' },
      'OPENAI_BASE_URL must have no user',
    ],
    [
      'a query in the URL',
      { OPENAI_BASE_URL: 'https://models.example?key=s3cret' },
      'OPENAI_BASE_URL must have no user',
    ],
    ['a key over two lines', { OPENAI_API_KEY: 's3cret\nX: y' }, 'OPENAI_API_KEY must be'],
    ['a name that is none', { MODEL: 'tiny 1' }, 'MODEL must be a name'],
    ['a deadline without a number', { MODEL_TIMEOUT_MS: '1m' }, 'MODEL_TIMEOUT_MS must be'],
    ['a deadline beyond that of a run', { MODEL_TIMEOUT_MS: '300000' }, 'MODEL_TIMEOUT_MS must be'],
    ['only a deadline', { MODEL: '', OPENAI_BASE_URL: '', MODEL_TIMEOUT_MS: '5000' }, 'is missing'],
  ])('are refused in words that repeat no secret: %s', (_name, wrong, words) => {
    const read = readModelSettings({ ...right, ...wrong });
    expect(read).not.toHaveProperty('settings');
    expect(read.faults.join('\n')).toContain(words);
    expect(read.faults.join('\n')).not.toContain('s3cret');
  });

  it('are refused all at once', () => {
    const wrong = { OPENAI_BASE_URL: 'x', OPENAI_API_KEY: 'a b', MODEL: ' ', MODEL_TIMEOUT_MS: '0' };
    expect(readModelSettings(wrong).faults).toHaveLength(4);
  });
});

describe('the limit of tokens', () => {
  it('has the name that OpenAI wants there, and the usual one elsewhere', () => {
    const body = { model: 'm', max_tokens: 5 };
    expect(withTokenLimit(body, 'https://api.openai.com/v1')).toEqual({ model: 'm', max_completion_tokens: 5 });
    expect(withTokenLimit(body, 'https://mine.openai.azure.com/openai/v1')).toHaveProperty('max_completion_tokens', 5);
    expect(withTokenLimit(body, 'https://notopenai.com/v1')).toEqual(body);
    expect(withTokenLimit(body, 'http://127.0.0.1:11434/v1')).toEqual(body);
  });
});
