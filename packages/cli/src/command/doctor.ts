import { Option } from 'commander';
import type { AddCommand } from '../cli/add-command.ts';
import { edgeUrlValue, portValue } from '../cli/option-values.ts';

/** `reveille doctor`: what is missing on this machine, and what is dangerous about its Redis? */
export const doctorCommand: AddCommand = (program, context, done) => {
  program
    .command('doctor')
    .description(
      'Look at Node, Redis and what waits in it, the catalog and the settings, and say what has to be mended. Starts nothing.',
    )
    .addOption(
      new Option('-c, --catalog <file>', 'the catalog (default: that of a running dev, else reveille.yaml)').env(
        'REVEILLE_CATALOG',
      ),
    )
    .addOption(new Option('-p, --port <port>', 'port of the edge').env('PORT').default(8080).argParser(portValue))
    .option(
      '--redis <url>',
      'the Redis to judge (default: REDIS_URL, else that of a running dev, else the local program)',
    )
    .addOption(
      new Option('--admin <url>', 'look at the deployment behind this admin API, and not at this machine')
        .argParser(edgeUrlValue)
        .conflicts('redis'),
    )
    .addOption(new Option('--token <token>', 'the token of that API').env('REVEILLE_ADMIN_TOKEN'))
    .option('--json', 'print JSON', false)
    .addHelpText(
      'after',
      '\nExamples:\n  $ reveille doctor --catalog reveille.yaml\n  $ reveille doctor --admin http://relay:9091',
    )
    .action(async (given) => {
      const { runDoctor } = await import('../doctor/run-doctor.ts');
      done(await runDoctor(given, context));
    });
};
