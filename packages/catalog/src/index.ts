export { digestOf } from './load/digest.ts';
export { CatalogError, type LocatedFault } from './catalog-error.ts';
export { compileRegex } from './engine/compile-regex.ts';
export { compileSchema } from './engine/compile-schema.ts';
export { catalogJsonSchema } from './json-schema.ts';
export { type LoadedCatalog, parseCatalog } from './load/parse-catalog.ts';
export { maxCatalogBytes, readCatalog } from './load/read-catalog.ts';
export { type CatalogWatcher, type WatchOptions, watchCatalog } from './load/watch-catalog.ts';
