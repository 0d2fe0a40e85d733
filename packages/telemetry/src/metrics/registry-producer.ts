import { emptyResource } from '@opentelemetry/resources';
import type * as Sdk from '@opentelemetry/sdk-metrics';
import type { MetricObjectWithValues, MetricValue, MetricValueWithName } from 'prom-client';
import type { Metrics } from './create-metrics.ts';

type Time = [number, number];
type Read = MetricObjectWithValues<MetricValue<string>>;
type Data = Sdk.ScopeMetrics['metrics'][number];

/** What a registry holds as OpenTelemetry's data points: counters and histograms cumulative since the start of the process. */
export function registryProducer(metrics: Metrics, sdk: typeof Sdk): Sdk.MetricProducer {
  const startTime = timeOf(Date.now());
  return {
    async collect() {
      await metrics.refresh();
      const read = (await metrics.registry.getMetricsAsJSON()) as unknown as Read[];
      const endTime = timeOf(Date.now());
      const converted = read.flatMap((one) => dataOf(one, sdk, startTime, endTime) ?? []);
      return {
        resourceMetrics: {
          // The SDK takes that of its provider.
          resource: emptyResource(),
          scopeMetrics: [{ scope: { name: 'reveille' }, metrics: converted }],
        },
        errors: [],
      };
    },
  };
}

function dataOf(read: Read, sdk: typeof Sdk, startTime: Time, endTime: Time): Data | undefined {
  const { name, help, values } = read;
  const unit = name.endsWith('_ms') ? 'ms' : name.endsWith('_seconds') ? 's' : name.endsWith('_bytes') ? 'By' : '';
  const descriptor = { name, description: help, unit, valueType: 1 };
  const aggregationTemporality = sdk.AggregationTemporality.CUMULATIVE;
  const shared = { aggregationTemporality, descriptor };
  switch (String(read.type)) {
    case 'counter':
    case 'gauge': {
      const isMonotonic = String(read.type) === 'counter';
      const dataPoints = values.flatMap(({ value, labels }) =>
        Number.isFinite(value) ? [{ startTime, endTime, attributes: { ...labels }, value }] : [],
      );
      return isMonotonic
        ? { ...shared, dataPointType: sdk.DataPointType.SUM, isMonotonic, dataPoints }
        : { ...shared, dataPointType: sdk.DataPointType.GAUGE, dataPoints };
    }
    case 'histogram': {
      const dataPoints = histogramsOf(values as MetricValueWithName<string>[]).map(({ labels, ...value }) => ({
        startTime,
        endTime,
        attributes: labels,
        value,
      }));
      return { ...shared, dataPointType: sdk.DataPointType.HISTOGRAM, dataPoints };
    }
    default:
      // Summaries, of which neither we nor the metrics of the process have any.
      return undefined;
  }
}

type OneHistogram = {
  labels: Record<string, string | number>;
  buckets: { boundaries: number[]; counts: number[] };
  sum: number;
  count: number;
};

/** Prometheus counts up to each bound; OpenTelemetry between them. */
function histogramsOf(values: readonly MetricValueWithName<string>[]): OneHistogram[] {
  const byLabels = new Map<string, OneHistogram & { below: number }>();
  for (const { labels, value, metricName } of values) {
    const { le, ...own } = labels as Record<string, string | number>;
    const key = JSON.stringify(own);
    const empty = { labels: own, buckets: { boundaries: [], counts: [] }, sum: 0, count: 0, below: 0 };
    const one = byLabels.get(key) ?? empty;
    byLabels.set(key, one);
    if (metricName?.endsWith('_sum')) one.sum = value;
    else if (metricName?.endsWith('_count')) one.count = value;
    else if (le !== undefined) {
      if (le !== '+Inf') one.buckets.boundaries.push(Number(le));
      one.buckets.counts.push(value - one.below);
      one.below = value;
    }
  }
  return [...byLabels.values()];
}

function timeOf(ms: number): Time {
  return [Math.floor(ms / 1000), (ms % 1000) * 1_000_000];
}
