import type { LedgerRecord } from '@reveille/contracts';
import type { Command, Ledger, Reading } from '@reveille/orchestration';
import type { Logger } from '@reveille/telemetry';
import type { Commands, Known } from '../reconcile/apply.ts';
import { insist } from './insist.ts';
import type { LeaseKeeper } from './lease-keeper.ts';

/**
 * Says that a generation is ready and returns what that left, or undefined when that is not ours to say any more.
 * @throws LeaseLost when the ledger stayed away until the claim could not be trusted.
 */
export async function commitReady(of: {
  ledger: Ledger;
  commands: Commands;
  keeper: LeaseKeeper;
  /** What the claim, or the last progress after it, left. */
  known: Known;
  command: Extract<Command, { kind: 'ready' }>;
  logger: Logger;
}): Promise<{ record: LedgerRecord; reading: Reading } | undefined> {
  const { keeper, known, command, logger } = of;
  const { instance } = keeper;
  return insist(keeper, async () => {
    const result = keeper.trusted() ? await of.commands.applyFrom(known, command) : undefined;
    if (result?.applied) return result;
    if (result?.refused === 'state') {
      // An earlier try may have landed and only its answer got lost.
      const [reading] = await of.ledger.read([instance]);
      const { record } = reading ?? {};
      if (reading && record?.state === 'ready' && record.epoch === command.epoch) return { record, reading };
    }
    logger.warn({ instance, refused: result?.refused }, 'ready, but no longer ours to say so: let go');
    return undefined;
  });
}
