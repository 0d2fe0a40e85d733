import { mkdtemp, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  type CatalogError,
  type CatalogWatcher,
  type LoadedCatalog,
  readCatalog,
  watchCatalog,
} from '../../src/index.ts';
import { minimal } from '../catalog-text.ts';

/** A catalog with one fault, `no service`. */
const broken = 'version: 1\nservices: {}\nentrypoints: {}\n';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reveille-watch-'));
  file = join(folder, 'reveille.yaml');
  await writeFile(file, minimal(4000));
});
afterEach(() => rm(folder, { recursive: true }));

/** What a watcher announces, in order: the port of the catalog, or `refused`. */
async function watching(
  signal?: AbortSignal,
): Promise<{ watcher: CatalogWatcher; heard: (number | string)[]; next(): Promise<number | string> }> {
  const heard: (number | string)[] = [];
  const waiting: ((word: number | string) => void)[] = [];
  let read = 0;
  const hear = (word: number | string): void => {
    heard.push(word);
    const waiter = waiting.shift();
    if (waiter !== undefined) {
      read += 1;
      waiter(word);
    }
  };
  const watcher = watchCatalog(file, {
    current: await readCatalog(file),
    onChange: (loaded: LoadedCatalog) => hear(Object.values(loaded.catalog.services)[0]?.endpoint.port ?? 'none'),
    onRefused: (error: CatalogError) => hear(error.faults[0]?.found ?? 'refused'),
    ...(signal === undefined ? {} : { signal }),
  });
  await watcher.reload();
  return {
    watcher,
    heard,
    next: () => {
      const ready = heard[read];
      if (ready === undefined) return new Promise((resolve) => waiting.push(resolve));
      read += 1;
      return Promise.resolve(ready);
    },
  };
}

test('a catalog that is written anew is announced, and what means the same is not', async () => {
  const { watcher, heard, next } = await watching();
  await using _ = watcher;
  expect(heard).toEqual([]);
  await writeFile(file, `# only a comment\n${minimal(4000)}`);
  await watcher.reload();
  expect(heard).toEqual([]);
  await writeFile(file, minimal(4001));
  expect(await next()).toBe(4001);
});

test('a file that an editor replaces is still followed', async () => {
  const { watcher, next } = await watching();
  await using _ = watcher;
  for (const port of [4001, 4002, 4003]) {
    await writeFile(`${file}.tmp`, minimal(port));
    await rename(`${file}.tmp`, file);
    expect(await next()).toBe(port);
  }
});

test('a mounted folder whose link is turned is followed', async () => {
  await rm(file);
  for (const port of [4000, 4001]) await writeFile(join(folder, `data-${port}.yaml`), minimal(port));
  await symlink('data-4000.yaml', join(folder, '..data'));
  await symlink('..data', file);
  const { watcher, next } = await watching();
  await using _ = watcher;
  await symlink('data-4001.yaml', join(folder, '..next'));
  await rename(join(folder, '..next'), join(folder, '..data'));
  expect(await next()).toBe(4001);
});

test('an invalid catalog is refused and the one before stays, until a valid one comes', async () => {
  const { watcher, heard, next } = await watching();
  await using _ = watcher;
  await writeFile(file, broken);
  expect(await next()).toBe('no service');
  await writeFile(file, minimal(4000));
  await watcher.reload();
  expect(heard).toEqual(['no service']);
  await writeFile(file, minimal(4005));
  expect(await next()).toBe(4005);
});

test('a catalog that is written in several steps is not refused in between', async () => {
  const { watcher, heard } = await watching();
  await using _ = watcher;
  const ports = [4001, 4002, 4003, 4004, 4005, 4006];
  for (const port of ports) {
    await writeFile(file, 'version: 1\nservices:\n');
    const read = watcher.reload();
    await writeFile(file, minimal(port));
    await read;
  }
  expect(heard).toEqual(ports);
});

test('a catalog that is taken away is refused, and comes back', async () => {
  const { watcher, next } = await watching();
  await using _ = watcher;
  await rm(file);
  expect(await next()).toBe('no such file');
  await writeFile(file, minimal(4006));
  expect(await next()).toBe(4006);
});

test('whoever asks for a reading hears an old refusal again', async () => {
  const { watcher, heard, next } = await watching();
  await using _ = watcher;
  await writeFile(file, broken);
  expect(await next()).toBe('no service');
  await watcher.reload();
  expect(heard).toEqual(['no service', 'no service']);
});

test('without a current catalog the first reading is announced', async () => {
  const { promise, resolve } = Promise.withResolvers<LoadedCatalog>();
  await using _ = watchCatalog(file, { onChange: resolve, onRefused: (error) => expect.unreachable(error.report) });
  expect(await promise).toMatchObject({ file });
});

test('an abort ends the watching', async () => {
  const abort = new AbortController();
  const { watcher, heard } = await watching(abort.signal);
  abort.abort();
  await writeFile(file, minimal(4007));
  await watcher.reload();
  await watcher[Symbol.asyncDispose]();
  expect(heard).toEqual([]);
  expect(await readdir(folder)).toEqual(['reveille.yaml']);
});
