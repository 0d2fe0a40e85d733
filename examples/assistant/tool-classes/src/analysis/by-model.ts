import type { UsageTable } from '../table/usage-table.ts';
import { timeOrder } from './time-order.ts';

export interface Arrival {
  index: number;
  at: number;
}

/** Arrivals in time order, apart by model when the file names models: requests to different models can share nothing. */
export function arrivalsByModel(table: UsageTable): Arrival[][] {
  return byModel(table, timeOrder(table));
}

/** The same for a file without times: in its own order, all at once. */
export function rowsByModel(table: UsageTable): Arrival[][] {
  return byModel(
    table,
    Array.from(table.input.keys(), (index) => ({ index, at: 0 })),
  );
}

function byModel(table: UsageTable, arrivals: readonly Arrival[]): Arrival[][] {
  const groups = new Map<string, Arrival[]>();
  for (const arrival of arrivals) {
    const model = table.model?.[arrival.index] ?? '';
    const group = groups.get(model);
    if (group === undefined) groups.set(model, [arrival]);
    else group.push(arrival);
  }
  return [...groups.values()];
}
