import { Option } from 'commander';
import type { AddCommand } from '../cli/add-command.ts';
import { countValue } from '../cli/option-values.ts';
import { explainFormats } from '../explain/formats.ts';
import { withLedgerOptions } from './ledger-options.ts';

/** `reveille explain`: where did the time go? */
export const explainCommand: AddCommand = (program, context, done) => {
  const command = program
    .command('explain')
    .description('Say what users waited for in one initialization, and what to mend first. Wakes nothing.')
    .argument('[id]', 'id of an initialization, or its trace id')
    .option('--last', 'the newest initialization (default)', false)
    .option('--entrypoint <name>', 'the newest one of this entrypoint')
    .option('--user <user>', 'the newest one that this user waited for')
    .option('--tenant <tenant>', 'of which tenant the user is', 'dev')
    .option('--session <id>', 'the newest one that this session waited for')
    .option('--trace <id>', 'the one of this trace')
    .addOption(
      new Option('--compare <count>', 'with how many earlier ones it is compared').default(20).argParser(countValue),
    )
    .addOption(new Option('--format <form>', 'words, data, or a picture').choices(explainFormats).default('tty'));
  withLedgerOptions(command)
    .addHelpText('after', '\nExample:\n  $ reveille explain --entrypoint chat --format svg > chat.svg')
    .action(async (id: string | undefined, given) => {
      const { runExplain } = await import('../explain/run-explain.ts');
      done(await runExplain({ ...given, ...(id === undefined ? {} : { id }) }, context));
    });
};
