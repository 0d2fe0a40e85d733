import type { AddCommand } from '../cli/add-command.ts';
import { withLedgerOptions } from './ledger-options.ts';

/** `reveille status`: what runs. */
export const statusCommand: AddCommand = (program, context, done) => {
  withLedgerOptions(program.command('status'))
    .description('Print every instance that the ledger knows, and what is alive. Wakes nothing.')
    .option('--json', 'print JSON', false)
    .addHelpText('after', '\nExample:\n  $ reveille status --catalog examples/assistant/reveille.yaml')
    .action(async (given) => {
      const { runStatus } = await import('../ledger/run-status.ts');
      done(await runStatus(given, context));
    });
};
