import { CatalogError, type LoadedCatalog, parseCatalog } from '../src/index.ts';

/** The smallest catalog; `port` makes two of them differ. */
export function minimal(port = 4000): string {
  return `version: 1
services:
  a:
    start: { process: { command: [node, a.ts] } }
    endpoint: { port: ${port} }
entrypoints:
  chat: { service: a }
`;
}

/** The refusal of a text; throws when it was taken. */
export function refusalOf(text: string): CatalogError {
  let loaded: LoadedCatalog;
  try {
    loaded = parseCatalog(text, 'reveille.yaml');
  } catch (error) {
    if (error instanceof CatalogError) return error;
    throw error;
  }
  throw new Error(`taken: ${JSON.stringify(loaded.catalog)}`);
}

/** The lines of the report without its heading and the name of the file. */
export function faultsOf(text: string): string[] {
  return refusalOf(text)
    .report.split('\n')
    .slice(1)
    .map((line) => line.replace(/^reveille\.yaml:/, ''));
}
