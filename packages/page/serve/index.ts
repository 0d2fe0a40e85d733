export { pageFiles, type PageFile } from './page-files.ts';
export { pageHeaders } from './page-headers.ts';
export type { PageDescription } from './page-description.ts';
