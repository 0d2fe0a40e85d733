/** How a metric is declared. Labels must have few values: never a user, tenant, session, instance or trace. */
export interface MetricDeclaration {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  /** Who writes it. */
  readonly of: readonly ('edge' | 'initializer' | 'relay')[];
  /** Upper bounds of a histogram's buckets, in the unit that the name ends with. */
  readonly buckets?: readonly number[];
}
