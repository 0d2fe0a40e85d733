import { describe, expect, test } from 'vitest';
import { METRIC, createMetrics } from '../../src/index.ts';

describe('the metrics of a process', () => {
  test('appear on the page under the names of the table, with their labels', async () => {
    const metrics = createMetrics({ processMetrics: false });
    metrics.gauge('sessions').set(3);
    metrics.counter('connections').inc({ outcome: 'closed', close_code: '1000' });
    metrics.counter('connections').inc({ outcome: 'closed', close_code: '1000' });
    metrics.histogram('startDurationMs').observe({ service: 'vector_store' }, 120);
    const { contentType, body } = await metrics.metricsText();
    expect(contentType).toContain('text/plain');
    expect(body).toContain('reveille_sessions 3\n');
    expect(body).toContain('reveille_connections_total{outcome="closed",close_code="1000"} 2\n');
    expect(body).toContain('reveille_start_duration_ms_bucket{le="100",service="vector_store"} 0\n');
    expect(body).toContain('reveille_start_duration_ms_bucket{le="250",service="vector_store"} 1\n');
    expect(body).not.toContain('reveille_relay_lag_ms');
  });

  test('refuse labels that the table does not know, and keys of another kind', () => {
    const metrics = createMetrics({ processMetrics: false });
    // @ts-expect-error the label is not of the table
    expect(() => metrics.counter('starts').inc({ user: 'u1' })).toThrow('label');
    // @ts-expect-error sessions is a gauge
    void (() => metrics.counter('sessions'));
  });

  test('of two sets do not mix', async () => {
    const [one, two] = [createMetrics({ processMetrics: false }), createMetrics({ processMetrics: false })];
    one.gauge('waiters').set(1);
    expect((await two.metricsText()).body.trim()).toBe('');
  });

  test('tell memory, CPU and the delay of the event loop', async () => {
    const { body } = await createMetrics().metricsText();
    for (const name of [
      'process_resident_memory_bytes',
      'process_cpu_seconds_total',
      'nodejs_eventloop_lag_p99_seconds',
    ])
      expect(body).toContain(`\n${name} `);
  });

  test('have names that say kind and unit, once each', () => {
    const declarations = Object.values(METRIC);
    expect(new Set(declarations.map(({ name }) => name)).size).toBe(declarations.length);
    for (const { kind, name } of declarations) {
      expect(name).toMatch(/^reveille_[a-z_]+$/);
      expect(name.endsWith('_total')).toBe(kind === 'counter');
      if (kind === 'histogram') expect(name).toMatch(/_ms$/);
    }
  });
});
