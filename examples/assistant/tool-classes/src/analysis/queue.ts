/**
 * Waiting times of arrivals (ascending, ms) at one queue that serves one request each `serviceMs`, by Lindley's recursion:
 * wait(n + 1) = max(0, wait(n) + service − gap to the next arrival).
 */
export function waitsInQueue(arrivals: readonly number[], serviceMs: number): Float64Array {
  const waits = new Float64Array(arrivals.length);
  for (let position = 1; position < arrivals.length; position += 1) {
    const gap = (arrivals[position] ?? 0) - (arrivals[position - 1] ?? 0);
    waits[position] = Math.max(0, (waits[position - 1] ?? 0) + serviceMs - gap);
  }
  return waits;
}
