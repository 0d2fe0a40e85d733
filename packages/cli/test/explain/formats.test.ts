import { calibrationOf, compareWith, sentenceOf } from '@reveille/orchestration';
import { describe, expect, it } from 'vitest';
import { chromeTrace } from '../../src/explain/chrome-trace.ts';
import { explanationLines } from '../../src/explain/explanation-lines.ts';
import { otlpTrace } from '../../src/explain/otlp-trace.ts';
import { waterfallSvg } from '../../src/explain/waterfall-svg.ts';
import { durationText } from '../../src/render/duration.ts';
import { sampleRun } from '../support/sample-run.ts';

const explanation = sampleRun();
const sentence = sentenceOf(explanation, durationText);

describe('an explanation', () => {
  it('begins with the sentence that names the cause', () => {
    const said = { sentence, comparison: compareWith(explanation, []), calibration: calibrationOf([explanation]) };
    const lines = explanationLines(explanation, said, 200);
    expect(lines[0]).toMatch(/^Chat took .* 2\.8 s of that was Conversations opening its database\.$/);
    expect(lines.join('\n')).toMatch(/Promised +4 s, took /);
    expect(lines.slice(2).find((line) => line.includes('%'))).toContain('Conversations');
  });

  it('as a waterfall has a row for each service within the picture, and nothing that a service said as markup', () => {
    const svg = waterfallSvg(explanation, sentence);
    for (const { name } of explanation.services) expect(svg).toContain(`>${name}<`);
    const [, width = 0, height = 0] = (/viewBox="0 0 (\d+) (\d+)"/.exec(svg) ?? []).map(Number);
    const bars = [...svg.matchAll(/<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)"/g)].map((found) =>
      found.map(Number),
    );
    expect(bars.length).toBeGreaterThan(60);
    for (const [, x = -1, y = -1, wide = -1] of bars) {
      expect(x + wide).toBeLessThanOrEqual(width);
      expect(y).toBeLessThan(height);
    }
    const hostile = sampleRun(2);
    for (const service of hostile.services) {
      service.name = '<script>"&';
      for (const phase of service.phases) phase.detail = '</text><script>\u001b[31m';
    }
    const guarded = waterfallSvg(hostile, '<b>');
    expect(guarded).not.toMatch(/<script|<b>|\u001b/);
    expect(guarded).toContain('&lt;script');
  });

  it('as a Chrome trace has each phase in the row of its service', () => {
    const { traceEvents } = chromeTrace(explanation);
    const opening = traceEvents.find(({ name, tid }) => name === 'opening its database' && tid > 0);
    expect(opening).toMatchObject({ ph: 'X', tid: 4, dur: 2_800_000, cat: 'reported' });
    expect(traceEvents.filter(({ name }) => name === 'thread_name')).toHaveLength(21);
  });

  it('as OTLP is one trace whose parents are all there', () => {
    const spans = otlpTrace(explanation).resourceSpans.flatMap(({ scopeSpans }) =>
      scopeSpans.flatMap((one) => one.spans),
    );
    const ids = new Set(spans.map(({ spanId }) => spanId));
    expect(ids.size).toBe(spans.length);
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
    expect(spans.filter(({ parentSpanId }) => !ids.has(parentSpanId)).map(({ name }) => name)).toEqual([
      'reveille.initialization',
    ]);
    const [root, ...others] = spans;
    expect(root?.links).toEqual([{ traceId: 'ab'.repeat(16), spanId: 'cd'.repeat(8) }]);
    expect(others.flatMap(({ links }) => links)).toEqual([]);
  });

  it('as OTLP has who waited, the wait that did not end and the one that failed among them', () => {
    const [wait] = explanation.waits;
    if (wait === undefined) throw new Error('somebody waited');
    const { to: _, outcome: __, ...begun } = wait;
    const waits = [wait, { ...begun, session: 'gone' }, { ...wait, session: 'refused', outcome: 'deadline_exceeded' }];
    const spans = otlpTrace({ ...explanation, waits }).resourceSpans[0]?.scopeSpans[0]?.spans ?? [];
    const said = (name: string) => spans.filter((span) => span.name === name).map(({ status }) => status);
    const failed = { code: 2, message: 'deadline_exceeded' };
    expect(said('reveille.wait')).toEqual([{ code: 0 }, { code: 0 }, failed]);
    expect(JSON.stringify(spans.find(({ attributes }) => JSON.stringify(attributes).includes('"gone"')))).toContain(
      'reveille.unfinished',
    );
  });
});
