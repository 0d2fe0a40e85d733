import { execFile } from 'node:child_process';
import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { readCatalog } from '@reveille/catalog';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { Cluster } from '../../src/cluster.ts';
import { installed } from '../../src/packed/installed.ts';

const examples = fileURLToPath(new URL('../../../examples/services', import.meta.url));

let app: Awaited<ReturnType<typeof installed>>;
beforeAll(async () => {
  app = await installed(['contracts', 'service-kit'], ['ws', 'zod', 'express', 'fastify']);
  await writeFile(join(app.dir, 'package.json'), '{ "type": "module" }');
  await cp(join(examples, 'src'), join(app.dir, 'src'), { recursive: true });
  await cp(join(examples, 'stop-words.txt'), join(app.dir, 'stop-words.txt'));
});
afterAll(() => app[Symbol.asyncDispose]());

test('the examples run with the packed kit, as somebody has it who has nothing else of this repository', async () => {
  const { catalog } = await readCatalog(join(examples, 'reveille.yaml'));
  for (const { start } of Object.values(catalog.services)) {
    if (start.process === undefined) throw new Error('an example is a process');
    start.process.cwd = app.dir;
    start.process.command = start.process.command.filter((part) => !part.startsWith('--conditions'));
  }
  await using cluster = await Cluster.start({ redisUrl: inject('redisUrl'), catalog: JSON.stringify(catalog) });
  const answers = await Promise.all(
    ['http', 'express', 'fastify'].map(async (entrypoint) => {
      const client = await cluster.connect('ada', 0, { entrypoint });
      const [answer] = await Array.fromAsync(client.ask('tokens, tokens'));
      return answer?.data;
    }),
  );
  expect(answers).toEqual(Array(3).fill({ keywords: [{ word: 'tokens', count: 2 }] }));
});

test('what the tarball exports is there: the kit by its name, the keys by their subpath, and nothing beside', async () => {
  const names = async (from: string): Promise<unknown> => {
    const script = `console.log(JSON.stringify(Object.keys(await import(${JSON.stringify(from)})).toSorted()))`;
    const args = ['--input-type=module', '--eval', script];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: app.dir, env: { PATH: '' } });
    return JSON.parse(stdout);
  };
  expect(await names('@reveille/service-kit')).toEqual(
    ['busyHandler', 'onShutdown', 'proveSession', 'report', 'reportReady', 'serveSessions', 'serviceEnv'].toSorted(),
  );
  expect(await names('@reveille/service-kit/keys')).toContain('verifyAssertion');
  await expect(names('@reveille/service-kit/dist/sessions/admit.js')).rejects.toThrow(/ERR_PACKAGE_PATH_NOT_EXPORTED/);
});
