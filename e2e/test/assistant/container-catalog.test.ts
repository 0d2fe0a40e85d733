import { join } from 'node:path';
import { readCatalog } from '@reveille/catalog';
import { expect, it } from 'vitest';
import { assistantCatalogFile, assistantFolder } from '../../src/assistant/place.ts';

it('the assistant in containers is the same assistant: only how its services start and are probed differs', async () => {
  const { catalog: processes } = await readCatalog(assistantCatalogFile);
  const { catalog: containers } = await readCatalog(join(assistantFolder, 'reveille.docker.yaml'));
  expect(containers.entrypoints).toEqual(processes.entrypoints);
  const withoutStart = (services: typeof containers.services) =>
    Object.entries(services).map(([name, { start: _start, ready: _ready, ...rest }]) => [name, rest]);
  expect(withoutStart(containers.services)).toEqual(withoutStart(processes.services));
});
