/** What repeated measurements of one thing gave. `low` and `high` are the quartiles: half of all lie between them. */
export type Spread = { readonly median: number; readonly low: number; readonly high: number; readonly count: number };

/** @throws RangeError without samples, since there is no figure then */
export function spreadOf(samples: readonly number[]): Spread {
  const sorted = samples.toSorted((a, b) => a - b);
  return {
    median: quantile(sorted, 0.5),
    low: quantile(sorted, 0.25),
    high: quantile(sorted, 0.75),
    count: sorted.length,
  };
}

export function medianOf(samples: readonly number[]): number {
  return spreadOf(samples).median;
}

export function meanOf(samples: readonly number[]): number {
  if (samples.length === 0) throw new RangeError('nothing was measured');
  return samples.reduce((sum, one) => sum + one, 0) / samples.length;
}

/** The same share of every sample. */
export function scaled({ median, low, high, count }: Spread, factor: number): Spread {
  return { median: median * factor, low: low * factor, high: high * factor, count };
}

/** Between two neighbours in proportion, as in most tools. */
function quantile(sorted: readonly number[], share: number): number {
  const at = (sorted.length - 1) * share;
  const below = sorted[Math.floor(at)];
  const above = sorted[Math.ceil(at)];
  if (below === undefined || above === undefined) throw new RangeError('nothing was measured');
  return below + (above - below) * (at - Math.floor(at));
}
