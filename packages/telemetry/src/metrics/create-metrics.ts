import { createRequire } from 'node:module';
import type * as Prometheus from 'prom-client';
import type { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { MetricDeclaration } from './metric-declaration.ts';
import { METRIC } from './metric-table.ts';

// Loaded when metrics are made, not with this package: started services log and trace, and should not wait for what they do not use.
const load = createRequire(import.meta.url);

type Table = typeof METRIC;
type Kind = MetricDeclaration['kind'];

/** Keys of the table whose metric is of this kind. */
export type MetricKey<K extends Kind> = { [N in keyof Table]: Table[N]['kind'] extends K ? N : never }[keyof Table];

/** Labels of a metric of the table. */
export type MetricLabel<N extends keyof Table> = Table[N]['labels'][number];

/** The metrics of one process. A metric of the table appears on the page from the first time that it is asked for. */
export interface Metrics {
  readonly registry: Registry;
  counter<N extends MetricKey<'counter'>>(key: N): Counter<MetricLabel<N>>;
  gauge<N extends MetricKey<'gauge'>>(key: N): Gauge<MetricLabel<N>>;
  histogram<N extends MetricKey<'histogram'>>(key: N): Histogram<MetricLabel<N>>;
  /** Called before each reading (page or export), to bring gauges up to date. What it throws leaves them as they are. */
  beforeRead(refresh: () => void | Promise<void>): void;
  /** Brings the gauges up to date. Never rejects. */
  refresh(): Promise<void>;
  /** The page of `/metrics` in the Prometheus text format. */
  metricsText(): Promise<{ readonly contentType: string; readonly body: string }>;
}

export interface MetricsOptions {
  /** Memory, CPU, event-loop delay, handles and garbage collection of this process. Default `true`. */
  readonly processMetrics?: boolean;
}

/** Metrics in a registry of their own, named by the table of `names.ts`. */
export function createMetrics(options: MetricsOptions = {}): Metrics {
  const prometheus = load('prom-client') as typeof Prometheus;
  const registry = new prometheus.Registry();
  if (options.processMetrics !== false) prometheus.collectDefaultMetrics({ register: registry });

  const once = <M>(key: keyof Table, create: (configuration: Configuration) => M): M => {
    const declaration: MetricDeclaration = METRIC[key];
    return (registry.getSingleMetric(declaration.name) as M | undefined) ?? create(configure(declaration, registry));
  };
  const refreshes: (() => void | Promise<void>)[] = [];
  const refresh = async (): Promise<void> => {
    await Promise.allSettled(refreshes.map(async (one) => one()));
  };
  return {
    registry,
    refresh,
    beforeRead: (one) => void refreshes.push(one),
    counter: (key) => once(key, (configuration) => new prometheus.Counter(configuration)),
    gauge: (key) => once(key, (configuration) => new prometheus.Gauge(configuration)),
    histogram: (key) => once(key, (configuration) => new prometheus.Histogram(configuration)),
    metricsText: async () => {
      await refresh();
      return { contentType: registry.contentType, body: await registry.metrics() };
    },
  };
}

interface Configuration {
  name: string;
  help: string;
  labelNames: string[];
  registers: Registry[];
  buckets?: number[];
}

function configure(declaration: MetricDeclaration, registry: Registry): Configuration {
  return {
    name: declaration.name,
    help: declaration.help,
    labelNames: [...declaration.labels],
    registers: [registry],
    ...(declaration.buckets === undefined ? {} : { buckets: [...declaration.buckets] }),
  };
}
