import type { Row, Target, Unit } from '../measure/figure.ts';

/** Three digits that matter, thousands apart. */
export function number(value: number): string {
  const size = Math.abs(value);
  if (size >= 1000) return Math.round(value).toLocaleString('en-US');
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2);
}

export function measured(value: number, unit: Unit): string {
  return unit === '/s' ? `${number(value)}/s` : `${number(value)} ${unit}`;
}

/** `8.2 ms (7.9–9.1)`: the median, and the quartiles. */
export function spreadText({ ours, unit }: Row): string {
  return `${measured(ours.median, unit)} (${number(ours.low)}–${number(ours.high)})`;
}

/** A ratio below one tenth is read more easily as a percentage. */
export function ratioText(ratio: number): string {
  return ratio < 0.1 ? `${(ratio * 100).toFixed(1)} %` : `${ratio.toFixed(2)} ×`;
}

export function targetText(target: Target | undefined): string {
  if (target === undefined) return '–';
  return target.words ?? `${target.is === 'at_most' ? '≤' : '≥'} ${target.ratio} ×`;
}
