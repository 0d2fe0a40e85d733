export { type PageFile, pageFiles, PageNotBuilt } from './page-files.ts';
export { pageHeaders } from './page-headers.ts';
