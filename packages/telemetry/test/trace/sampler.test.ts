import { afterEach, expect, test, vi } from 'vitest';
import { samplerFromEnv } from '../../src/trace/sampler.ts';

afterEach(() => void vi.unstubAllEnvs());

function named(sampler: string, argument?: string): string | undefined {
  vi.stubEnv('OTEL_TRACES_SAMPLER', sampler);
  vi.stubEnv('OTEL_TRACES_SAMPLER_ARG', argument);
  return samplerFromEnv()?.toString();
}

test('the operator chooses which traces are kept', () => {
  expect(named('always_off')).toBe('AlwaysOffSampler');
  expect(named('always_on')).toBe('AlwaysOnSampler');
  expect(named('traceidratio', '0.25')).toBe('TraceIdRatioBased{0.25}');
  expect(named('parentbased_traceidratio', '0.25')).toContain('ParentBased{root=TraceIdRatioBased{0.25}');
  expect(named('parentbased_always_off')).toContain('ParentBased{root=AlwaysOffSampler');
});

test('what cannot be understood keeps every trace', () => {
  expect(named('traceidratio', '2')).toBe('TraceIdRatioBased{1}');
  expect(named('traceidratio')).toBe('TraceIdRatioBased{1}');
  expect(named('jaeger_remote')).toBeUndefined();
});
