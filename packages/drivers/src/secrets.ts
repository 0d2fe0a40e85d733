import { closeSync, openSync, readSync } from 'node:fs';
import path from 'node:path';
import type { SecretSource } from '@reveille/contracts';
import { DriverError, type StartRequest } from '@reveille/orchestration';

/** Longest secret, bytes: a chain of certificates fits. */
const SECRET_BYTES = 64 * 1024;

/**
 * The secrets of a service by name, read anew at each start: what was rotated holds for the next one. They are handed to what is
 * started and to the redaction of its log, and go nowhere else.
 * @throws DriverError `driver_error` for one that cannot be had, which names its source and never its text.
 */
export function readSecrets(
  { spec, catalogDir }: Pick<StartRequest, 'spec' | 'catalogDir'>,
  host: NodeJS.ProcessEnv,
): ReadonlyMap<string, string> {
  const sources = Object.entries(spec.secrets ?? {});
  return new Map(sources.map(([name, source]) => [name, readSecret(name, source, { catalogDir, host })]));
}

function readSecret(
  name: string,
  source: SecretSource,
  { catalogDir, host }: { catalogDir: string; host: NodeJS.ProcessEnv },
): string {
  const fail = (why: string, cause?: unknown): DriverError =>
    new DriverError('driver_error', `the secret "${name}" cannot be had: ${why}`, { cause });
  if ('env' in source) {
    const value = host[source.env];
    if (value === undefined || value === '') throw fail(`the initializer has no variable ${source.env}`);
    return value;
  }
  const file = path.resolve(catalogDir, source.file);
  let bytes: Buffer;
  try {
    bytes = readBounded(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw fail(code === 'ENOENT' ? `there is no file ${file}` : `${file} cannot be read (${code})`, error);
  }
  if (bytes.length > SECRET_BYTES) throw fail(`${file} has more than ${SECRET_BYTES} bytes`);
  // Editors and `echo` end a file with a line end, which is no part of what it holds.
  const text = bytes.toString('utf8').replace(/\r?\n$/, '');
  if (text === '') throw fail(`${file} is empty`);
  return text;
}

function readBounded(file: string): Buffer {
  const handle = openSync(file, 'r');
  try {
    const bytes = Buffer.alloc(SECRET_BYTES + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length < bytes.length; length += read)
      read = readSync(handle, bytes, length, bytes.length - length, null);
    return bytes.subarray(0, length);
  } finally {
    closeSync(handle);
  }
}
