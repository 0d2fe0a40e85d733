import type { CliContext } from '../cli/context.ts';
import { exitCodes } from '../cli/exit-code.ts';
import { instanceLines } from '../render/instance-lines.ts';
import { membersText } from '../render/members-text.ts';
import { rowOf, sortRows } from './instance-row.ts';
import { type LedgerOptions, openLedger } from './open-ledger.ts';
import { readAll } from './read-all.ts';

/** Prints every instance that the ledger knows. Wakes and changes nothing. Resolves with the exit status. */
export async function runStatus(options: LedgerOptions & { json: boolean }, context: CliContext): Promise<number> {
  const { terminal } = context;
  await using broker = await openLedger(options, context);
  const [members, readings] = await Promise.all([broker.members.alive(), readAll(broker.ledger)]);
  const rows = sortRows(readings.flatMap((reading) => rowOf(reading) ?? []));
  if (options.json) {
    terminal.out(`${JSON.stringify({ members, instances: rows }, undefined, 2)}\n`);
    return exitCodes.done;
  }
  const now = readings[0]?.now ?? 0;
  const columns = terminal.outIsTty ? terminal.columns : Number.POSITIVE_INFINITY;
  terminal.out(`${membersText(members)}\n`);
  if (rows.length === 0) terminal.out('No instance has been started yet.\n');
  else terminal.out(`${instanceLines(rows, now, columns).join('\n')}\n`);
  return exitCodes.done;
}
