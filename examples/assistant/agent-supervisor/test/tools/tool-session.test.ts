import { describe, expect, it } from 'vitest';
import { ToolSession, type ToolProgress } from '../../src/tools/tool-session.ts';
import { scriptedTools } from '../support/scripted-tools.ts';

const never = new AbortController().signal;

describe('a call of a tool', () => {
  it('passes on how far the tool is, and tells the server when it is cancelled', async () => {
    const ended = Promise.withResolvers<string>();
    await using tools = await scriptedTools(async (_params, { _meta, signal, sendNotification }) => {
      const progressToken = _meta?.progressToken ?? 'none asked for';
      const params = { progressToken, progress: 41.7, total: 100, message: 'reading' };
      await sendNotification({ method: 'notifications/progress', params });
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      ended.resolve('ended');
      return { content: [] };
    });
    await using session = await ToolSession.open(tools.url, never);
    const cancelled = new AbortController();
    const told = Promise.withResolvers<ToolProgress>();
    const call = session.call('anomalies', {}, cancelled.signal, told.resolve);
    const refused = expect(call).rejects.toThrow('no more');
    expect(await told.promise).toEqual({ percent: 41, detail: 'reading' });
    cancelled.abort(new Error('no more'));
    await refused;
    expect(await ended.promise).toBe('ended');
  });

  it('gives advice for what is not the fault of the table', async () => {
    const refusal = { code: 'too_busy', message: 'No more are taken.', expected: 'fewer', found: 'more' };
    await using tools = await scriptedTools(async () => ({ isError: true, content: [], structuredContent: refusal }));
    await using session = await ToolSession.open(tools.url, never);
    await expect(session.call('anomalies', {}, never)).rejects.toMatchObject({
      words: { code: 'too_busy', advice: 'Send the question again in a minute.' },
    });
  });
});
