import { type Command, Option } from 'commander';
import { edgeUrlValue } from '../cli/option-values.ts';

/** Where the admin API is. */
export function withAdminOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--admin <url>', 'address of the admin API (default: that of a running dev)')
        .env('REVEILLE_ADMIN_URL')
        .argParser(edgeUrlValue),
    )
    .addOption(new Option('--token <token>', 'its token').env('REVEILLE_ADMIN_TOKEN'))
    .addOption(new Option('-c, --catalog <file>', 'the catalog of the dev to operate').env('REVEILLE_CATALOG'))
    .option('--data <dir>', 'data folder of the dev (default: .reveille beside the catalog)');
}

/** Which of both a name is, where it is both. */
export function withKindOptions(command: Command): Command {
  return command
    .addOption(new Option('--service', 'the name is that of a service').conflicts('entrypoint'))
    .option('--entrypoint', 'the name is that of an entrypoint');
}
