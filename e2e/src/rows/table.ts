import type { RowResult } from './row-result.ts';

/** All results of one row, over the runs that were made of it. */
type Row = Pick<RowResult, 'group' | 'fault' | 'injected' | 'survived' | 'recoveryMs' | 'saw'> & {
  readonly runs: number;
};

export function rowsOf(results: readonly RowResult[]): Row[] {
  const byName = Map.groupBy(results, ({ group, fault }) => `${group}/${fault}`);
  return [...byName.values()].flatMap((own) => {
    const [first] = own;
    if (first === undefined) return [];
    const recoveries = own.flatMap(({ recoveryMs }) => recoveryMs ?? []);
    return {
      group: first.group,
      fault: first.fault,
      runs: own.length,
      injected: own.reduce((sum, { injected }) => sum + injected, 0),
      survived: own.every(({ survived }) => survived),
      recoveryMs: recoveries.length === 0 ? undefined : Math.max(...recoveries),
      saw: own.find(({ saw }) => saw !== '')?.saw ?? '',
    };
  });
}

/** The table of `docs/reliability.md`. */
export function tableOf(results: readonly RowResult[]): string {
  const lines = rowsOf(results).map(({ group, fault, injected, survived, recoveryMs, saw }) => [
    group,
    fault,
    String(injected),
    survived ? 'yes' : '**no**',
    recoveryMs === undefined ? '' : `${(recoveryMs / 1000).toFixed(1)} s`,
    saw,
  ]);
  const head = ['group', 'fault', 'injected', 'survived', 'longest recovery', 'what the user saw'];
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...lines.map(line)].join('\n');
}

const marks = /(<!-- faults -->\n)(?:[\s\S]*?\n)?(<!-- \/faults -->)/;

/** @throws Error when the document has no place for the table */
export function withTable(document: string, table: string): string {
  if (!marks.test(document)) throw new Error('the document has no <!-- faults --> and <!-- /faults -->');
  return document.replace(marks, (_, open: string, close: string) => `${open}${table}\n${close}`);
}
