import { watch } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CatalogError } from '../catalog-error.ts';
import type { LoadedCatalog } from './parse-catalog.ts';
import { readCatalog } from './read-catalog.ts';

export type WatchOptions = {
  /** What the caller runs on: a reading that means the same is not announced. Without it the first reading is announced. */
  current?: LoadedCatalog;
  /** A valid catalog that means something else than the one before. Must not throw. */
  onChange(loaded: LoadedCatalog): void;
  /** An invalid catalog, once for each version of the file. The one before stays. Must not throw. */
  onRefused(error: CatalogError): void;
  /** Ends the watching, as disposing does. */
  signal?: AbortSignal;
};

export type CatalogWatcher = AsyncDisposable & {
  /** Reads now, whether or not the file looks changed (SIGHUP). Settles when the outcome was announced; an invalid one is announced again. */
  reload(): Promise<void>;
};

/** Editors write in several steps: a change is read when the folder has been quiet for this long. */
const debounceMs = 50;
/** Where the system tells of no changes (network file systems), the file is looked at this often. */
const pollMs = 2000;

/**
 * Watches the folder of a catalog, not the file, so that one that is replaced (editors, links of a mounted ConfigMap) is still followed.
 * Reads one version at a time; versions that came while reading are read as one.
 */
export function watchCatalog(path: string, options: WatchOptions): CatalogWatcher {
  const stopped = new AbortController();
  let digest = options.current?.digest;
  let seen: string | undefined;
  let refused: string | undefined;
  let reading: Promise<void> = Promise.resolve();
  let debounce: NodeJS.Timeout | undefined;

  const read = async (asked: boolean): Promise<void> => {
    // The look comes before the reading: a version that is written meanwhile looks changed at the next look.
    const look = await lookOf(path);
    if (stopped.signal.aborted || (!asked && look === seen)) return;
    seen = look;
    const outcome = await readOrRefuse(path);
    if (stopped.signal.aborted) return;
    if (outcome instanceof CatalogError) {
      // It may be half written, or between two versions: what is refused is what stays.
      await sleep(debounceMs);
      if (stopped.signal.aborted) return;
      if ((await lookOf(path)) !== look) return read(asked);
      if (asked || outcome.report !== refused) options.onRefused(outcome);
      refused = outcome.report;
      return;
    }
    refused = undefined;
    if (outcome.digest === digest) return;
    digest = outcome.digest;
    options.onChange(outcome);
  };
  const enqueue = (asked: boolean): Promise<void> => {
    const next = reading.then(() => read(asked));
    reading = next.catch(() => undefined); // `next` carries the error to whoever asked; the row goes on.
    return next;
  };
  const changed = (): void => {
    clearTimeout(debounce);
    debounce = setTimeout(() => void enqueue(false), debounceMs);
  };

  const stopWatching = watchFolder(dirname(resolve(path)), changed);
  const poll = setInterval(() => void enqueue(false), pollMs);
  poll.unref();
  void enqueue(false);

  const stop = (): void => {
    if (stopped.signal.aborted) return;
    stopped.abort();
    options.signal?.removeEventListener('abort', stop);
    clearTimeout(debounce);
    clearInterval(poll);
    stopWatching();
  };
  if (options.signal?.aborted === true) stop();
  else options.signal?.addEventListener('abort', stop, { once: true });

  return {
    reload: () => enqueue(true),
    async [Symbol.asyncDispose]() {
      stop();
      await reading;
    },
  };
}

async function readOrRefuse(path: string): Promise<LoadedCatalog | CatalogError> {
  try {
    return await readCatalog(path);
  } catch (error) {
    if (error instanceof CatalogError) return error;
    throw error;
  }
}

/** What differs when the file was written or replaced. */
async function lookOf(path: string): Promise<string> {
  try {
    const { ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
    return `${ino}:${size}:${mtimeNs}:${ctimeNs}`;
  } catch (error) {
    // Reading it will tell in words; here it only has to differ from a file that is there.
    return `unreadable: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** A folder that cannot be watched, or no longer, is left to the poll: slower, not blind. */
function watchFolder(folder: string, changed: () => void): () => void {
  try {
    const watcher = watch(folder, { persistent: false }, changed);
    watcher.on('error', () => watcher.close());
    return () => watcher.close();
  } catch {
    return () => undefined;
  }
}
