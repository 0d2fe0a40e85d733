import { open } from 'node:fs/promises';
import { CatalogError } from '../catalog-error.ts';
import { type CatalogRules, type LoadedCatalog, parseCatalog } from './parse-catalog.ts';

/** Largest catalog taken: that of some three thousand services. What is larger is no catalog, and slow to refuse. */
export const maxCatalogBytes = 262_144;

/** Reads a catalog from its file. Throws {@link CatalogError}: also when the file cannot be read, with the system's error as `cause`. */
export async function readCatalog(path: string, rules: CatalogRules = {}): Promise<LoadedCatalog> {
  return parseCatalog(await readText(path), path, rules);
}

async function readText(path: string): Promise<string> {
  let bytes: Buffer;
  try {
    bytes = await readBounded(path);
  } catch (cause) {
    throw refused(path, describeReadError(cause), 'a catalog that can be read', cause);
  }
  if (bytes.length > maxCatalogBytes)
    throw refused(path, `more than ${maxCatalogBytes} bytes`, `at most ${maxCatalogBytes} bytes`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw refused(path, 'bytes that are not UTF-8', 'text in UTF-8', cause);
  }
}

/** One byte more than the bound tells a file that is too large, whatever its size. */
async function readBounded(path: string): Promise<Buffer> {
  await using file = await open(path, 'r');
  if (!(await file.stat()).isFile()) throw new Error('it is not a file');
  const bytes = Buffer.alloc(maxCatalogBytes + 1);
  let length = 0;
  while (length < bytes.length) {
    const { bytesRead } = await file.read(bytes, length, bytes.length - length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return bytes.subarray(0, length);
}

function describeReadError(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  if (code === 'ENOENT') return 'no such file';
  if (code === 'EACCES' || code === 'EPERM') return 'a file that may not be read';
  if (code === 'EISDIR') return 'a folder';
  return error instanceof Error ? error.message : String(error);
}

function refused(file: string, found: string, expected: string, cause?: unknown): CatalogError {
  const fault = {
    file,
    line: 1,
    column: 1,
    path: '',
    found,
    expected,
    message: `found ${found}, expected ${expected}`,
  };
  return new CatalogError(file, [fault], { cause });
}
