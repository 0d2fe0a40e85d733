import { existsSync } from 'node:fs';
import { installDebianPackage } from './debian.mjs';
import { onPath } from './on-path.mjs';
import { say, SetupRefused } from './run.mjs';

/** Keep in step with e2e/src/page/find-chromium.ts, which finds the browser when the tests run. */
const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const PLACES = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/**
 * Makes sure that the tests of the page have a Chromium. Where none can be installed it says so and goes on: everything else can be
 * tested, and in CI the tests of the page fail for lack of it.
 */
export function ensureBrowser() {
  if (process.env.REVEILLE_BROWSER || NAMES.some(onPath) || PLACES.some(existsSync)) return;
  if (process.getuid?.() === 0 && existsSync('/etc/debian_version') && onPath('apt-get')) {
    say("no Chromium for the tests of the page: installing Debian's package chromium with apt-get ...");
    try {
      installDebianPackage('chromium');
      return;
    } catch (error) {
      if (!(error instanceof SetupRefused)) throw error;
      say(error.message);
    }
  }
  say(
    'no Chromium: the tests of the page in a browser are left out. ' +
      'Install Chromium or Chrome, or name one: REVEILLE_BROWSER=/path/to/chromium npm test',
  );
}
