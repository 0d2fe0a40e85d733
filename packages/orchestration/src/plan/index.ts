export * from './critical-path.ts';
export * from './plan.ts';
export * from './template.ts';
export * from './nearest-name.ts';
export * from './check/check-catalog.ts';
export type { CatalogFault } from './check/fault.ts';
export type { CatalogCheckTools } from './check/tools.ts';
