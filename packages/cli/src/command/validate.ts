import type { AddCommand } from '../cli/add-command.ts';
import { catalogOption, withPlanUser } from './ledger-options.ts';

/** `reveille validate`: is the catalog right, and what does an entrypoint need? */
export const validateCommand: AddCommand = (program, context, done) => {
  const command = program
    .command('validate')
    .description('Check the catalog and print every fault with its line; with --plan, what an entrypoint needs.')
    .option('--plan <entrypoint>', 'show the graph of an entrypoint and how long its start is expected to take')
    .option('--redis <url>', 'where the history of starts is (default: REDIS_URL, else that of the running dev)')
    .option('--data <dir>', 'data folder of the dev (default: .reveille beside the catalog)')
    .option('--json', 'print JSON', false);
  withPlanUser(command.addOption(catalogOption()))
    .addHelpText('after', '\nExample:\n  $ reveille validate --catalog reveille.yaml --plan chat')
    .action(async (given) => {
      const { runValidate } = await import('../validate/run-validate.ts');
      done(await runValidate(given, context));
    });
};
