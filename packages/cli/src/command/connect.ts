import { Option } from 'commander';
import { defaultUrl } from '../cli/default-url.ts';
import { collect, durationValue, edgeUrlValue, jsonValue } from '../cli/option-values.ts';
import type { AddCommand } from '../cli/add-command.ts';
import { progressForms } from '../progress/progress.ts';

/** `reveille connect`: talk to an entrypoint as its user. */
export const connectCommand: AddCommand = (program, context, done) => {
  program
    .command('connect')
    .description('Connect to an entrypoint as a user: shows what starts, sends messages, prints the answers.')
    .argument('<entrypoint>', 'name of the entrypoint in the catalog')
    .option('-s, --send <text>', 'send this text and end after its last answer (default: read lines)')
    .option('-f, --file <file>', 'a text file to send with the (first) message; may be repeated', collect, [])
    .addOption(
      new Option('-d, --data <json>', 'send this JSON instead of {text, files}')
        .argParser(jsonValue)
        .conflicts(['send', 'file']),
    )
    .addOption(
      new Option('-u, --url <url>', 'address of the edge')
        .env('REVEILLE_URL')
        .default(defaultUrl)
        .argParser(edgeUrlValue),
    )
    .addOption(new Option('--token <jwt>', 'who you are').env('REVEILLE_TOKEN'))
    .option('--as <user>', 'who to be at an edge without authentication (development)')
    .option('--tenant <tenant>', 'of which tenant to be there')
    .addOption(new Option('--timeout <duration>', 'give up after this, exit 124').argParser(durationValue))
    .option('--retry', 'after a failure that may pass: wait as long as it says and try once more', false)
    .option('--json', 'print the data of each message as one line of JSON', false)
    .addOption(
      new Option('--progress <form>', 'how progress looks on standard error; json: the frames of the wire')
        .choices(progressForms)
        .default('auto'),
    )
    .addHelpText(
      'after',
      `
Examples:
  $ reveille connect chat --send "Where do the tokens go?" --file usage.csv
  $ reveille connect chat --as ada --tenant acme --json < questions.txt`,
    )
    .action(async (entrypoint: string, given) => {
      const { runConnect } = await import('../connect/run-connect.ts');
      done(await runConnect(entrypoint, given, context));
    });
};
