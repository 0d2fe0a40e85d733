/**
 * The times that keep the invariants, in milliseconds. `ARCHITECTURE.md` repeats this table and a test holds them together.
 * `invariant` is the number in `ARCHITECTURE.md`, "What always holds".
 */
export const timing = {
  leaseTtlMs: {
    value: 8000,
    invariant: 2,
    why: 'A claim or watch ends so long after its last renewal: a dead holder is replaced.',
  },
  leaseRenewMs: { value: 2500, invariant: 2, why: 'Three renewals fit into one lease.' },
  trustMarginMs: {
    value: 1500,
    invariant: 1,
    why: 'The holder stops trusting its lease so long before it can have run out.',
  },
  sweepMs: { value: 1000, invariant: 2, why: 'Every half-done step is looked at again within this time.' },
  interestTtlMs: { value: 15_000, invariant: 2, why: 'An edge that died no longer wants anything after this time.' },
  lingerMs: {
    value: 5000,
    invariant: 2,
    why: 'A start that nobody waits for is cancelled after this time, not at once: users reload pages.',
  },
  reapDeadlineMs: { value: 30_000, invariant: 2, why: 'What nobody owns is stopped within this time.' },
  stabilityWindowMs: {
    value: 60_000,
    invariant: 3,
    why: 'Lost `retry.attempts` times (at least twice) within this window: a crash loop, which is a failure and not another start.',
  },
  reservationTtlMs: {
    value: 120_000,
    invariant: 2,
    why: 'A place of `limits.instances` is free so long after its last renewal, unless its instance ends before: longer than all initializers may be away.',
  },
  cooldownCeilingMs: {
    value: 120_000,
    invariant: 3,
    why: 'Failures in a row are remembered longer and longer, at most for this time (or `cooldownMs`, when that is longer).',
  },
  strikeMemoryMs: {
    value: 300_000,
    invariant: 3,
    why: 'So long after its cooldown a failure makes the next start a single trial; later it is forgotten.',
  },
  edgeTimerMs: {
    value: 5000,
    invariant: 3,
    why: 'The edge ends a wait so long after the deadline of its plan, whatever died meanwhile.',
  },
  rereadMs: { value: 2000, invariant: 4, why: 'An edge with waiting users reads their plans again: lost events heal.' },
} as const satisfies Record<string, { value: number; invariant: number; why: string }>;
