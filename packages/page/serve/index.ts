export { type PageFile, pageFiles, PageNotBuilt } from './page-files.ts';
export { pageHeaders } from './page-headers.ts';
export type { PageDescription } from './page-description.ts';
