import { existsSync } from 'node:fs';
import { installDebianPackage } from './debian.mjs';
import { onPath } from './on-path.mjs';
import { say, SetupRefused } from './run.mjs';

/**
 * Makes sure that the tests of the alert rules have `promtool`. Where it cannot be installed it says so and goes on: everything else can be
 * tested, and in CI the tests of the rules fail for lack of it. Keep in step with e2e/src/monitoring/promtool.ts, which finds it on PATH.
 */
export function ensurePromtool() {
  if (process.env.REVEILLE_PROMTOOL || onPath('promtool')) return;
  if (process.getuid?.() === 0 && existsSync('/etc/debian_version') && onPath('apt-get')) {
    say(
      "no promtool for the tests of the alert rules: installing Debian's package prometheus; its service stays off ...",
    );
    try {
      installDebianPackage('prometheus');
      return;
    } catch (error) {
      if (!(error instanceof SetupRefused)) throw error;
      say(error.message);
    }
  }
  say(
    'no promtool: the tests of the alert rules are left out. ' +
      'Install Prometheus, or name one: REVEILLE_PROMTOOL=/path/to/promtool npm test',
  );
}
