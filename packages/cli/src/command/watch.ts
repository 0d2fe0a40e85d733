import { Option } from 'commander';
import type { AddCommand } from '../cli/add-command.ts';
import { durationValue } from '../cli/option-values.ts';
import { progressForms } from '../progress/progress.ts';
import { withLedgerOptions, withPlanUser } from './ledger-options.ts';

/** `reveille watch`: follow what changes. */
export const watchCommand: AddCommand = (program, context, done) => {
  const command = program
    .command('watch')
    .description('Follow the instances of an entrypoint, or all, until Ctrl-C. Wakes nothing.')
    .argument('[entrypoint]', 'only what this entrypoint needs')
    .addOption(new Option('--timeout <duration>', 'end after this, exit 124').argParser(durationValue))
    .addOption(
      new Option('--progress <form>', 'a table in place, or lines of changes as text or JSON')
        .choices(progressForms)
        .default('auto'),
    );
  withPlanUser(withLedgerOptions(command))
    .addHelpText('after', '\nExample:\n  $ reveille watch chat --catalog examples/assistant/reveille.yaml')
    .action(async (entrypoint: string | undefined, given) => {
      const { runWatch } = await import('../ledger/run-watch.ts');
      done(await runWatch(entrypoint, given, context));
    });
};
