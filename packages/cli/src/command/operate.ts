import { Option } from 'commander';
import type { AddCommand } from '../cli/add-command.ts';
import { durationValue } from '../cli/option-values.ts';
import { withAdminOptions, withKindOptions } from './admin-options.ts';
import { withPlanUser } from './ledger-options.ts';

const timeoutOption = () => new Option('--timeout <duration>', 'give up after this, exit 124').argParser(durationValue);

/** `reveille start`: what users of an entrypoint would wake. */
export const startCommand: AddCommand = (program, context, done) => {
  const command = program
    .command('start')
    .description('Start what an entrypoint or a service needs, and wait until it is ready.')
    .argument('<name>', 'an entrypoint or a service of the catalog')
    .addOption(timeoutOption())
    .option('--no-wait', 'do not wait')
    .option('--json', 'print the plan as JSON', false);
  withKindOptions(withPlanUser(withAdminOptions(command)))
    .addHelpText('after', '\nExample:\n  $ reveille start chat --user ada --tenant acme')
    .action(async (name: string, given) => {
      const { runStart } = await import('../operate/run-start.ts');
      done(await runStart(name, given, context));
    });
};

/** `reveille stop`. */
export const stopCommand: AddCommand = (program, context, done) => {
  const command = program
    .command('stop')
    .description('Stop a service or one instance of it, and wait until it is stopped. What users have is left alone.')
    .argument('<name>', 'a service, or an instance (service~scope, as status prints it)')
    .option('-f, --force', 'also what is in use; who still wants it starts it again')
    .addOption(timeoutOption())
    .option('--no-wait', 'do not wait')
    .option('--json', 'print the instances as JSON', false);
  withAdminOptions(command).action(async (name: string, given) => {
    const { runEnd } = await import('../operate/run-end.ts');
    done(await runEnd('stop', name, given, context));
  });
};

/** `reveille restart`. */
export const restartCommand: AddCommand = (program, context, done) => {
  const command = program
    .command('restart')
    .description('Stop a service or one instance of it and start it anew; its users wait meanwhile.')
    .argument('<name>', 'a service, or an instance')
    .addOption(timeoutOption())
    .option('--no-wait', 'do not wait')
    .option('--json', 'print the instances as JSON', false);
  withAdminOptions(command).action(async (name: string, given) => {
    const { runEnd } = await import('../operate/run-end.ts');
    done(await runEnd('restart', name, given, context));
  });
};

/** `reveille pause` and `reveille resume`. */
export const pauseCommand: AddCommand = (program, context, done) => {
  const pause = program
    .command('pause')
    .description('Take a service down, or close an entrypoint to whoever comes; users are told that it is maintenance.')
    .argument('<name>', 'a service or an entrypoint of the catalog')
    .option('--reason <text>', 'for other operators');
  withKindOptions(withAdminOptions(pause)).action(async (name: string, given) => {
    const { runPause } = await import('../operate/run-pause.ts');
    done(await runPause(name, given, context));
  });
  const resume = program
    .command('resume')
    .description('End a pause, and clear what failed because of it.')
    .argument('<name>', 'a service or an entrypoint of the catalog');
  withKindOptions(withAdminOptions(resume)).action(async (name: string, given) => {
    const { runResume } = await import('../operate/run-pause.ts');
    done(await runResume(name, given, context));
  });
};

/** `reveille clear`. */
export const clearCommand: AddCommand = (program, context, done) => {
  const command = program
    .command('clear')
    .description('Forget the failure of a service or instance that was mended, so that it can be started at once.')
    .argument('<name>', 'a service, or an instance');
  withAdminOptions(command).action(async (name: string, given) => {
    const { runClear } = await import('../operate/run-pause.ts');
    done(await runClear(name, given, context));
  });
};
