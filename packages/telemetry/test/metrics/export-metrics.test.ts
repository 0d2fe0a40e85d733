import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createLogger, createMetrics, exportMetrics } from '../../src/index.ts';
import { OtlpReceiver } from '../fixtures/otlp-receiver.ts';

type Point = {
  attributes: { key: string; value: { stringValue?: string } }[];
  asDouble?: number;
  count?: number;
  sum?: number;
  bucketCounts?: number[];
  explicitBounds?: number[];
};
type Metric = {
  name: string;
  unit: string;
  sum?: { dataPoints: Point[]; isMonotonic: boolean; aggregationTemporality: number };
  gauge?: { dataPoints: Point[] };
  histogram?: { dataPoints: Point[] };
};
type Export = { resourceMetrics: { resource: { attributes: unknown[] }; scopeMetrics: { metrics: Metric[] }[] }[] };

const exportsOf = ({ bodies }: OtlpReceiver): Export[] => bodies.map((body) => JSON.parse(body.toString()) as Export);
const rejecting = (response: ServerResponse): void => void response.writeHead(400).end('{}');

function given(env: Record<string, string>): void {
  for (const [name, value] of Object.entries({ OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json', ...env }))
    vi.stubEnv(name, value);
}

afterEach(() => vi.unstubAllEnvs());

describe('metrics over OTLP', () => {
  test('are those of the page: same names, labels and values, the last ones at the end', async () => {
    await using receiver = await OtlpReceiver.listen();
    const pod = { KUBERNETES_SERVICE_HOST: '10.0.0.1', POD_NAME: 'edge-1' };
    given({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint, ...pod });
    const metrics = createMetrics({ processMetrics: false });
    metrics.beforeRead(() => metrics.gauge('waiters').set(7));
    metrics.counter('starts').inc({ service: 'db', outcome: 'ready', phase: 'ready' }, 3);
    for (const ms of [40, 120, 120]) metrics.histogram('startDurationMs').observe({ service: 'db' }, ms);
    {
      await using _ = await exportMetrics({ metrics, service: 'reveille-test' });
    }
    const [last] = exportsOf(receiver).slice(-1);
    const all = last?.resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((one) => one.metrics)) ?? [];
    const named = (name: string) => all.find((one) => one.name === name);
    const resource = JSON.stringify(last?.resourceMetrics[0]?.resource);
    // Two processes of one kind on one host are two series.
    for (const word of ['reveille-test', 'service.instance.id', 'host.name', 'k8s.pod.name', 'edge-1'])
      expect(resource).toContain(word);
    expect(named('reveille_waiters')?.gauge?.dataPoints).toMatchObject([{ asDouble: 7 }]);
    expect(named('reveille_starts_total')?.sum).toMatchObject({ isMonotonic: true, aggregationTemporality: 2 });
    const [start] = named('reveille_starts_total')?.sum?.dataPoints ?? [];
    expect(start?.asDouble).toBe(3);
    expect(Object.fromEntries((start?.attributes ?? []).map(({ key, value }) => [key, value.stringValue]))).toEqual({
      service: 'db',
      outcome: 'ready',
      phase: 'ready',
    });
    const [duration] = named('reveille_start_duration_ms')?.histogram?.dataPoints ?? [];
    expect(duration).toMatchObject({ count: 3, sum: 280 });
    expect(duration?.explicitBounds?.slice(0, 3)).toEqual([50, 100, 250]);
    expect(duration?.bucketCounts?.slice(0, 4)).toEqual([1, 0, 2, 0]);
    expect(duration?.bucketCounts).toHaveLength((duration?.explicitBounds?.length ?? 0) + 1);
  });

  test('without an endpoint, or switched off, nothing is sent and nothing loaded', async () => {
    await using receiver = await OtlpReceiver.listen();
    const metrics = createMetrics({ processMetrics: false });
    await (await exportMetrics({ metrics, service: 's', env: {} }))[Symbol.asyncDispose]();
    for (const off of [{ OTEL_SDK_DISABLED: 'true' }, { OTEL_METRICS_EXPORTER: 'none' }]) {
      const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint, ...off };
      await (await exportMetrics({ metrics, service: 's', env }))[Symbol.asyncDispose]();
    }
    expect(receiver.bodies).toEqual([]);
  });

  test.each([
    ['away', async () => ({ endpoint: 'http://127.0.0.1:9', [Symbol.asyncDispose]: async () => undefined })],
    ['rejecting', () => OtlpReceiver.listen(rejecting)],
    ['silent', () => OtlpReceiver.listen(() => undefined)],
  ])('a collector that is %s fails nobody, keeps no stop waiting, and is told of once', async (_, start) => {
    await using receiver = await start();
    given({
      ...{ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint, OTEL_METRIC_EXPORT_INTERVAL: '20' },
      OTEL_EXPORTER_OTLP_TIMEOUT: '10',
    });
    const metrics = createMetrics({ processMetrics: false });
    metrics.counter('journalPublished').inc();
    const lines: string[] = [];
    const logger = createLogger({ name: 's', destination: { write: (line) => void lines.push(line) } });
    const exporting = await exportMetrics({ metrics, service: 's', logger, flushMs: 500 });
    await vi.waitFor(() => expect(lines.join('')).toContain('the export of telemetry is in trouble'), 10_000);
    const began = performance.now();
    await exporting[Symbol.asyncDispose]();
    expect(performance.now() - began).toBeLessThan(5_000);
    expect(lines).toHaveLength(1);
    expect((await metrics.metricsText()).body).toContain('reveille_journal_published_total 1');
  });
});
