import { describe, expect, test } from 'vitest';
import {
  contextFrom,
  currentTraceparent,
  newTraceparent,
  parentContextFromEnv,
  runWithTraceparent,
  startSpan,
  startTelemetry,
  traceIdOf,
  withSpan,
} from '../../src/index.ts';

const later = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('with export off, a trace', () => {
  test('goes on from a parent, given as text, as context or by the environment', async () => {
    const parent = newTraceparent();
    for (const given of [parent, contextFrom(parent), parentContextFromEnv({ TRACEPARENT: parent })]) {
      await withSpan('probe', { parent: given }, async () => {
        await later();
        expect(traceIdOf(currentTraceparent() ?? '')).toBe(traceIdOf(parent));
      });
    }
    expect(currentTraceparent()).toBeUndefined();
  });

  test('begins where there is none, and everything within shares it', async () => {
    await withSpan('reconcile', {}, async () => {
      const outer = currentTraceparent();
      expect(traceIdOf(outer ?? '')).toMatch(/^[0-9a-f]{32}$/);
      await withSpan('start', {}, () => expect(traceIdOf(currentTraceparent() ?? '')).toBe(traceIdOf(outer ?? '')));
      await withSpan('other', { parent: null }, () =>
        expect(traceIdOf(currentTraceparent() ?? '')).not.toBe(traceIdOf(outer ?? '')),
      );
    });
  });

  test('of a long span is the one that was chosen beforehand', () => {
    const chosen = newTraceparent();
    const span = startSpan('initialization', { as: chosen });
    expect([span.traceparent, span.traceId]).toEqual([chosen, traceIdOf(chosen)]);
    expect(span.run(currentTraceparent)).toBe(chosen);
    span.end({ error: new Error('failed') });
    span.end();
  });

  test('cannot be chosen against that of the parent, nor be nonsense', () => {
    expect(() => startSpan('x', { as: newTraceparent(), parent: newTraceparent() })).toThrow('cannot have a parent');
    expect(() => startSpan('x', { as: 'nonsense' })).toThrow('"nonsense" is no traceparent');
  });

  test('is left by a function that has no valid parent', () => {
    const outer = newTraceparent();
    runWithTraceparent(outer, () => {
      expect(currentTraceparent()).toBe(outer);
      expect(runWithTraceparent('nonsense', currentTraceparent)).toBeUndefined();
    });
  });

  test('lets results and errors through', async () => {
    expect(await withSpan('a', {}, () => 7)).toBe(7);
    await expect(withSpan('a', {}, () => Promise.reject(new RangeError('no')))).rejects.toThrow(RangeError);
    const throwing = (): never => {
      throw new RangeError('at once');
    };
    await expect(withSpan('a', {}, throwing)).rejects.toThrow('at once');
  });

  test('is not exported when the SDK is disabled or no endpoint is set', async () => {
    const endpoint = 'http://127.0.0.1:9';
    for (const env of [
      {},
      { OTEL_SDK_DISABLED: 'true', OTEL_EXPORTER_OTLP_ENDPOINT: endpoint },
      { OTEL_TRACES_EXPORTER: 'none', OTEL_EXPORTER_OTLP_ENDPOINT: endpoint },
    ]) {
      await using _telemetry = await startTelemetry({ service: 'edge', env });
      await withSpan('a', {}, (span) => expect(span.isRecording()).toBe(false));
    }
  });

  test('is refused an endpoint that the SDK would not see', async () => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' };
    await expect(startTelemetry({ service: 'edge', env })).rejects.toThrow('OTEL_EXPORTER_OTLP_ENDPOINT differs');
  });
});
