import { fileURLToPath } from 'node:url';

/** Where the assistant is. */
export const assistantFolder = fileURLToPath(new URL('../../../examples/assistant/', import.meta.url));
/** Its catalog, as `npm start` uses it. */
export const assistantCatalogFile = `${assistantFolder}reveille.yaml`;
