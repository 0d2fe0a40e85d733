import type { Catalog } from '@reveille/contracts';
import { defaultUrl } from '../cli/default-url.ts';

/** What a developer needs when `dev` is up: where it is, what there is, what to try, how to stop. Ends with a line break. */
export function banner(of: {
  url: string;
  catalog: Catalog;
  file: string;
  redis: string;
  /** Whether the page is served at the address itself. */
  page: boolean;
  open: boolean;
}): string {
  const entrypoints = Object.keys(of.catalog.entrypoints);
  const services = Object.keys(of.catalog.services).length;
  const at = of.url === defaultUrl ? '' : ` --url ${of.url}`;
  const lines = [
    `Reveille is up at ${of.url}`,
    '',
    `  Page         ${of.page ? `${of.url}/` : 'not built: npm run build -w @reveille/page'}`,
    `  Catalog      ${of.file} (${services} ${services === 1 ? 'service' : 'services'}, started when somebody needs them)`,
    `  Entrypoints  ${entrypoints.map((name) => `${name}  ${of.url.replace(/^http/, 'ws')}/v1/connect/${name}`).join('\n               ')}`,
    `  Redis        ${of.redis}`,
    `  Health       ${of.url}/readyz   Metrics  ${of.url}/metrics`,
    ...(of.open ? ['  Login        none (REVEILLE_AUTH=none): for development on this machine only'] : []),
    '',
    of.page ? `Open ${of.url}/ in a browser, or try it in another terminal:` : 'Try it in another terminal:',
    ...entrypoints.slice(0, 1).map((name) => `  npx reveille connect ${name}${at} --send "Hello"`),
    '',
    'Stop with Ctrl-C.',
  ];
  return `${lines.join('\n')}\n`;
}
