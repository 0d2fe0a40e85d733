/** Shares of the closes in each fifth of the time from the first to the last of them. */
export function fifthsOf(closes: readonly number[]): number[] {
  const first = Math.min(...closes);
  const length = Math.max(...closes) - first || 1;
  const counts = [0, 0, 0, 0, 0];
  for (const at of closes) {
    const fifth = Math.min(4, Math.floor(((at - first) / length) * 5));
    counts[fifth] = (counts[fifth] ?? 0) + 1;
  }
  return counts.map((count) => count / closes.length);
}
