import { resolve } from 'node:path';
import { Option } from 'commander';
import type { AddCommand } from '../cli/add-command.ts';
import { portValue } from '../cli/option-values.ts';
import { catalogOption } from './ledger-options.ts';

type Given = { catalog: string; port: number; host?: string; redis?: string; data?: string; log: 'pretty' | 'json' };

/** `reveille dev`: everything in one process, for development. */
export const devCommand: AddCommand = (program, context, done) => {
  program
    .command('dev')
    .description(
      'Run edge, initializer and relay in one process, for development. Services start when somebody connects.',
    )
    .addOption(catalogOption())
    .addOption(
      new Option('-p, --port <port>', 'port of the edge; 0 takes a free one')
        .env('PORT')
        .default(8080)
        .argParser(portValue),
    )
    .option('--host <address>', 'address to listen on (default: 127.0.0.1 while REVEILLE_AUTH is none)')
    .option('--redis <url>', 'use this Redis (default: REDIS_URL, else a local server is started)')
    .option('--data <dir>', 'folder for the data of this run (default: .reveille beside the catalog)')
    .addOption(
      new Option('--log <form>', 'how log lines look on standard error').choices(['pretty', 'json']).default('pretty'),
    )
    .addHelpText('after', '\nExample:\n  $ reveille dev --catalog examples/assistant/reveille.yaml --port 8081')
    .action(async (given: Given) => {
      const { runDev } = await import('../dev/run-dev.ts');
      done(await runDev({ ...given, catalog: resolve(context.cwd, given.catalog) }, context));
    });
};
