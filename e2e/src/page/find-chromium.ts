import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Keep in step with scripts/setup/browser.mjs, which installs one where it may. */
const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const places = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/** The browser that `REVEILLE_BROWSER` names, else Chromium or Chrome of this machine; undefined when there is none. */
export function findChromium(env: NodeJS.ProcessEnv = process.env): string | undefined {
  if (env['REVEILLE_BROWSER']) return env['REVEILLE_BROWSER'];
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return [...names.flatMap((name) => folders.map((folder) => join(folder, name))), ...places].find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    // Not there, which is what was asked.
    return false;
  }
}
