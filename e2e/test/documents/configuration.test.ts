import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

const root = new URL('../../../', import.meta.url);
const read = (path: string) => readFile(new URL(path, root), 'utf8');
const variable = /'((?:REVEILLE|REDIS)_[A-Z_]+|PORT|HOST)'/g;

test('docs/configuration.md names exactly the variables that the deployables read', async () => {
  const sources = await Promise.all(
    [
      ...['edge', 'initializer', 'relay'].map((kind) => `services/${kind}/src/config.ts`),
      ...['settings', 'sessions-settings'].map((name) => `packages/broker/src/redis/${name}.ts`),
    ].map(read),
  );
  const inCode = new Set(sources.flatMap((text) => [...text.matchAll(variable)].map((match) => match[1])));
  const page = await read('docs/configuration.md');
  const onPage = new Set([...page.matchAll(/`((?:REVEILLE|REDIS)_[A-Z_]+|PORT|HOST)`/g)].map((match) => match[1]));
  expect([...onPage].toSorted()).toEqual([...inCode].toSorted());
});
