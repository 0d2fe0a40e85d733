import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';

/** A file of the page as HTTP serves it. */
export interface PageFile {
  readonly type: string;
  readonly body: Buffer;
  readonly cacheControl: string;
}

/** The page has to be built before it can be served; the message says how. */
export class PageNotBuilt extends Error {
  override readonly name = 'PageNotBuilt';

  constructor(folder: string, options?: ErrorOptions) {
    super(`The page is not built: ${folder} has no index.html. Build it: npm run build:app -w @reveille/page`, options);
  }
}

/** From the source as from `dist`, where this file lies beside `app`. */
const built = join(import.meta.dirname, import.meta.filename.endsWith('.ts') ? '../dist/app' : 'app');

const contentTypes: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Names with a hash in them never get other content. The document itself is asked for each time. */
const forEver = 'public, max-age=31536000, immutable';
const eachTime = 'no-cache';

/**
 * All files of the built page by their paths, `/` and `/assets/…`, read into memory: some tens of kilobytes.
 * @throws PageNotBuilt
 */
export async function pageFiles(folder: string = built): Promise<Map<string, PageFile>> {
  const files = new Map<string, PageFile>();
  for (const entry of await entriesOf(folder)) {
    const type = contentTypes[extname(entry.name)];
    if (!entry.isFile() || type === undefined) continue;
    const path = join(entry.parentPath, entry.name);
    const name = `/${relative(folder, path).split(sep).join('/')}`;
    const isDocument = name === '/index.html';
    const cacheControl = isDocument ? eachTime : forEver;
    files.set(isDocument ? '/' : name, { type, body: await readFile(path), cacheControl });
  }
  if (!files.has('/')) throw new PageNotBuilt(folder);
  return files;
}

async function entriesOf(folder: string) {
  try {
    return await readdir(folder, { withFileTypes: true, recursive: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new PageNotBuilt(folder, { cause: error });
    throw error;
  }
}
