import type { Arrival } from './by-model.ts';

export interface BatchWindow {
  members: Arrival[];
  closesAt: number;
}

/** A window opens with a request that finds none open, takes all that arrive until it closes `windowMs` later, and goes out as one call. */
export function batchWindows(arrivals: readonly Arrival[], windowMs: number): BatchWindow[] {
  const windows: BatchWindow[] = [];
  for (const arrival of arrivals) {
    const open = windows.at(-1);
    if (open !== undefined && arrival.at < open.closesAt) open.members.push(arrival);
    else windows.push({ members: [arrival], closesAt: arrival.at + windowMs });
  }
  return windows;
}
