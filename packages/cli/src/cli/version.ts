import { readFileSync } from 'node:fs';

/** The version of this package, from its own `package.json`: the same place from source and from `dist`. */
export function cliVersion(): string {
  const file = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
