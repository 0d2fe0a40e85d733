import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { Cluster } from '../../src/cluster.ts';
import { installed } from '../../src/packed/installed.ts';
import { serveFolder } from '../../src/packed/serve-folder.ts';
import { Browser } from '../../src/page/browser.ts';
import { findChromium } from '../../src/page/find-chromium.ts';

/** A service and a program of strangers: they have the tarballs and nothing else of this repository. */
const service = `
import { createServer } from 'node:http';
import { report, reportReady, serveSessions, serviceEnv } from '@reveille/service-kit';
await report({ phase: 'opening', detail: 'opening files', percent: 40 });
const server = createServer();
serveSessions({
  server,
  path: '/session',
  async onSession(session) {
    for await (const { id, data } of session.messages) await session.emit({ said: data, by: session.user }, { re: id, final: true });
  },
});
server.listen(serviceEnv().port, '127.0.0.1', () => reportReady());
`;
const program = `
import { connect } from '@reveille/client';
export async function asks(url, user) {
  await using client = connect({ url, entrypoint: 'chat', as: { user } });
  const seen = [];
  client.on('*', ({ type }) => seen.push(type));
  const answers = [];
  for await (const { data } of client.ask({ text: 'hello' })) answers.push(data);
  return { answers, welcomed: seen[0] };
}
`;
const page = `<!doctype html><link rel="icon" href="data:,"><script type="importmap">{ "imports": {
  "@reveille/client": "/node_modules/@reveille/client/dist/index.js",
  "@reveille/contracts/close-code": "/node_modules/@reveille/contracts/dist/close-code.js" } }</script>`;
const component = `
import { createElement, StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { useReveille } from '@reveille/client/react';
function Chat({ url, entrypoint }) {
  const { client, state, progress, error } = useReveille({ url, entrypoint, as: { user: 'cleo' } });
  window.client = client;
  return createElement('output', { title: progress?.type }, error?.closeCode ?? state);
}
const root = createRoot(document.body.appendChild(document.createElement('main')));
window.render = (props) => root.render(createElement(StrictMode, null, createElement(Chat, props)));
window.unmount = () => root.unmount();
`;
const gzippedBytes = 10_000;

let app: Awaited<ReturnType<typeof installed>>;
beforeAll(async () => {
  app = await installed(['contracts', 'client', 'service-kit'], ['ws', 'zod', 'react', 'react-dom', 'scheduler']);
  await writeFile(join(app.dir, 'package.json'), '{ "type": "module" }');
  await writeFile(join(app.dir, 'service.js'), service);
  await writeFile(join(app.dir, 'program.js'), program);
  await writeFile(join(app.dir, 'index.html'), page);
  await writeFile(join(app.dir, 'component.js'), component);
});
afterAll(() => app[Symbol.asyncDispose]());

function startCluster(): Promise<Cluster> {
  const catalog = `
version: 1
services:
  echo: { start: { process: { command: [node, ${JSON.stringify(join(app.dir, 'service.js'))}] } }, ready: { reported: true } }
entrypoints:
  chat: { service: echo, upstream: { websocket: { path: /session } } }
`;
  return Cluster.start({ redisUrl: inject('redisUrl'), catalog });
}

describe('the packed tarballs', () => {
  test('the client and the service kit work in Node', async () => {
    await using cluster = await startCluster();
    const url = await cluster.of('edge')[0]?.url();
    const script = `import { asks } from './program.js'; console.log(JSON.stringify(await asks(process.argv[1], 'ada')));`;
    const args = ['--input-type=module', '--eval', script, url ?? ''];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: app.dir, env: { PATH: '' } });
    const expected = { answers: [{ said: { text: 'hello' }, by: 'ada' }], welcomed: 'welcome' };
    expect(JSON.parse(stdout)).toEqual(expected);
  });

  test('the client of the README has at most fifteen lines and works as it stands there', async () => {
    const readme = await readFile(new URL('../../../README.md', import.meta.url), 'utf8');
    const [, block = ''] = /^```js\n(import \{ connect \} from '@reveille\/client';\n[^]*?)^```$/m.exec(readme) ?? [];
    expect(block.trimEnd().split('\n').length).toBeLessThanOrEqual(15);
    await writeFile(join(app.dir, 'readme.js'), block);
    await using cluster = await startCluster();
    const env = { PATH: '', REVEILLE_URL: (await cluster.of('edge')[0]?.url()) ?? '' };
    const { stdout, stderr } = await promisify(execFile)(process.execPath, ['readme.js'], { cwd: app.dir, env });
    expect(stderr).toBe('');
    expect(stdout).toMatch(/starting 1 of 1/);
    expect(stdout).toMatch(/opening files \(?40 %\)?/);
    expect(stdout).toMatch(/^100 %$/m);
    expect(stdout.trimEnd()).toMatch(/\{ said: \{ text: 'Where do the tokens go\?' \}, by: 'ada' \}$/);
  });

  test.runIf(findChromium() ?? process.env['CI'])('the client works in Chromium, as it stands', async () => {
    await using cluster = await startCluster();
    const url = await cluster.of('edge')[0]?.url();
    await using web = await serveFolder(app.dir);
    await using browser = await Browser.open();
    await browser.page.goto(`${web.url}/index.html`);
    const said = await browser.page.evaluate(
      `import('/program.js').then(({ asks }) => asks(${JSON.stringify(url)}, 'bob'))`,
    );
    expect(said).toEqual({ answers: [{ said: { text: 'hello' }, by: 'bob' }], welcomed: 'welcome' });
    expect(browser.complaints).toEqual([]);
  });

  test.runIf(findChromium() ?? process.env['CI'])('the hook shows a component where its client stands', async () => {
    const transform = { define: { 'process.env.NODE_ENV': '"development"' } };
    await using bundle = await rolldown({ input: join(app.dir, 'component.js'), platform: 'browser', transform });
    await bundle.write({ file: join(app.dir, 'bundled.js'), format: 'esm' });
    await using cluster = await startCluster();
    const url = await cluster.of('edge')[0]?.url();
    await using web = await serveFolder(app.dir);
    await using browser = await Browser.open();
    const { page } = browser;
    await page.goto(`${web.url}/index.html`);
    await page.addScriptTag({ type: 'module', url: '/bundled.js' });
    await page.waitForFunction('window.render !== undefined');
    await page.evaluate(`render({ url: ${JSON.stringify(url)}, entrypoint: 'chat' })`);
    await page.waitForSelector('output[title=initialization_completed]:text("ready")');
    const answer = await page.evaluate(`Array.fromAsync(client.ask('hi')).then(([{ data }]) => data)`);
    expect(answer).toEqual({ said: 'hi', by: 'cleo' });
    await page.evaluate(`window.first = client; render({ url: ${JSON.stringify(url)}, entrypoint: 'nothing' })`);
    await page.waitForSelector('output:text("4505")');
    expect(await page.evaluate('first.closed.then(({ code }) => code)')).toBe(1000);
    await page.evaluate('unmount()');
    expect(await page.evaluate('document.querySelector("output")')).toBeNull();
    expect(browser.complaints).toEqual([]);
  });

  test('what a browser loads of the client has at most 10 kB, bundled and gzipped', async () => {
    await using bundle = await rolldown({ input: join(app.dir, 'program.js'), platform: 'browser' });
    const { output } = await bundle.generate({ format: 'esm', minify: true });
    const bytes = gzipSync(output[0].code).length;
    expect(output[0].imports).toEqual([]);
    expect(output[0].code).toContain('reveille.v1');
    expect(bytes).toBeGreaterThan(1_000);
    expect(bytes).toBeLessThanOrEqual(gzippedBytes);
    console.log(`@reveille/client: ${bytes} bytes gzipped`);
  });
});
