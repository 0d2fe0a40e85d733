import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { Cluster } from '../../src/cluster.ts';

const page = new URL('../../../docs/service-contract.md', import.meta.url);

test('the Python service of the page is started, says its phases, and answers', async () => {
  const text = await readFile(page, 'utf8');
  const [catalog, python] = [blockOf(text, 'yaml'), blockOf(text, 'python')];
  // The interpreter itself: a service gets no environment that a wrapper of it would need.
  const interpreter = execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).trim();
  await using cluster = await Cluster.start({
    redisUrl: inject('redisUrl'),
    catalog: (dir) => catalog.replace('[python3, counter.py]', JSON.stringify([interpreter, join(dir, 'counter.py')])),
    prepare: (dir) => writeFile(join(dir, 'counter.py'), python),
  });
  const client = await cluster.connect('ada', 0, { entrypoint: 'count' });
  const phases: string[] = [];
  client.on('service_initializing', ({ phase }) => phases.push(phase));
  const answered = new Promise((resolve) => client.on('message', resolve));
  await client.send('where do the tokens go');
  expect(await answered).toMatchObject({ seq: 1, data: { user: 'ada', words: 5 }, origin: { service: 'counter' } });
  expect(phases).toContain('opening');
  const long = new Promise((resolve) => client.on('message', resolve));
  await client.send('word '.repeat(2_000));
  expect(await long).toMatchObject({ seq: 2, data: { words: 2_000 } });
}, 60_000);

function blockOf(text: string, language: string): string {
  const block = new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'm').exec(text)?.[1];
  if (block === undefined) throw new Error(`the page has no block of ${language}`);
  return block;
}
