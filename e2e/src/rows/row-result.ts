export type Group = 'worker' | 'Redis' | 'queue' | 'relay, edge' | 'services' | 'hostile' | 'failover' | 'change';

/** One row of the table, as one run of it found it. */
export type RowResult = {
  readonly group: Group;
  readonly fault: string;
  /** How often the fault was put in. */
  readonly injected: number;
  readonly survived: boolean;
  /** The longest, from fault to recovery. Milliseconds. */
  readonly recoveryMs: number | undefined;
  readonly saw: string;
};

/** What a row appends to the file of results. */
export function readResults(text: string): RowResult[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as RowResult);
}
