import { type Command, Option } from 'commander';
import { defaultCatalog } from '../cli/default-catalog.ts';

/** The catalog that a command reads. */
export function catalogOption(): Option {
  return new Option('-c, --catalog <file>', 'the catalog').env('REVEILLE_CATALOG').default(defaultCatalog);
}

/** Where the ledger is. */
export function withLedgerOptions(command: Command): Command {
  return command
    .addOption(new Option('-c, --catalog <file>', 'the catalog of the dev to look at').env('REVEILLE_CATALOG'))
    .option('--redis <url>', 'the Redis to read (default: REDIS_URL, else that of a running dev)')
    .option('--data <dir>', 'data folder of the dev (default: .reveille beside the catalog)');
}

/** For whom a plan is made. */
export function withPlanUser(command: Command): Command {
  return command.option('--user <user>', 'for which user', 'dev').option('--tenant <tenant>', 'of which tenant', 'dev');
}
