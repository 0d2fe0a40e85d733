import type { Spread } from './samples.ts';

export type Unit = 'ms' | 'µs' | 'MB' | 'KB' | '/s';

/** One line of the table: ours beside its reference of the same run, and how they relate. */
export type Row = {
  readonly figure: string;
  readonly what: string;
  readonly ours: Spread;
  readonly unit: Unit;
  readonly reference: { readonly what: string; readonly value: Spread; readonly unit: Unit };
  /** Ours in terms of the reference, dimensionless. */
  readonly ratio: number;
  readonly target?: Target;
};

export type Target = {
  /** Is less better, or more? */
  readonly is: 'at_most' | 'at_least';
  readonly ratio: number;
  /** As the table says it, when that is not simply the ratio. */
  readonly words?: string;
};

/** A list of named numbers that says where the time of a figure goes. */
export type Breakdown = {
  readonly title: string;
  readonly unit: Unit;
  readonly parts: readonly { readonly what: string; readonly value: number }[];
};

export type FigureResult = {
  readonly rows: readonly Row[];
  readonly breakdowns?: readonly Breakdown[];
  /** Sentences below the table. */
  readonly notes?: readonly string[];
};

export type Effort = { readonly quick: boolean; readonly signal: AbortSignal; say(line: string): void };

/** Something that can be measured by itself: it starts all that it needs, and ends it. */
export type Figure = { readonly name: string; readonly about: string; measure(effort: Effort): Promise<FigureResult> };

/** How much of what is allowed is used up: 1 is the target itself, less is better. Undefined without a target. */
export function shareOfTarget({ ratio, target }: Row): number | undefined {
  if (target === undefined) return undefined;
  return target.is === 'at_most' ? ratio / target.ratio : target.ratio / ratio;
}
