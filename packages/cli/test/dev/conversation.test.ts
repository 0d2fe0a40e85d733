import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ended, runCli, RunningCli } from '../support/run-cli.ts';
import { RunningDev } from '../support/running-dev.ts';

describe('a product under reveille dev', () => {
  let dev: RunningDev;
  let cold: Ended;
  const connect = (...args: string[]): Promise<Ended> =>
    runCli(['connect', ...args], { cwd: dev.folder.path, env: { REVEILLE_URL: dev.url } });

  beforeAll(async () => {
    dev = await RunningDev.start();
    cold = await connect('talk', '--send', 'hello', '--json');
  });
  afterAll(() => dev[Symbol.asyncDispose]());

  it('is started for the first user, who sees each step and then gets the answer', () => {
    expect(cold).toMatchObject({ code: 0 });
    expect(cold.err).toMatch(/Nothing is running yet; starting 2 of 2/);
    expect(cold.err).toMatch(/Data store is starting: heating the kettle 50 %/);
    expect(cold.err).toMatch(/Loud service is ready after .*\. Everything is ready/);
    const answers = cold.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(answers.at(-1)).toEqual({ text: 'HELLO', user: 'dev', tenant: 'dev' });
  });

  it('answers the second user without starting anything', async () => {
    const before = await dev.servicePids();
    const warm = await connect('talk', '--send', 'again', '--as', 'ada', '--tenant', 'acme', '--json');
    expect(warm).toMatchObject({ code: 0 });
    expect(warm.err).toMatch(/^\[ +\d+\.\d s\] Everything is ready\.\n$/);
    expect(JSON.parse(warm.out.trim().split('\n').at(-1) ?? '')).toEqual({
      text: 'AGAIN',
      user: 'ada',
      tenant: 'acme',
    });
    expect(await dev.servicePids()).toEqual(before);
  });

  it('prints the text of an answer for people, and the frames of the wire when asked', async () => {
    const { out, err } = await connect('talk', '--send', 'hello', '--progress', 'json');
    expect(out.split('\n').at(-2)).toBe('HELLO');
    const frames = err
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).type);
    expect(frames).toEqual(['welcome', 'initialization_completed', 'accepted', 'message', 'message']);
  });

  it('sends files with the message, named and typed', async () => {
    await dev.folder.write('usage.csv', 'a,b\n1,2\n');
    const { out } = await connect('talk', '--send', 'look', '--file', 'usage.csv', '--json');
    expect(JSON.parse(out.split('\n')[0] ?? '')).toEqual({ type: 'thinking', files: [['usage.csv', 'text/csv', 8]] });
  });

  it('sends JSON as it is with --data', async () => {
    const { out, code } = await connect('talk', '--data', '{"text":"raw"}');
    expect({ last: out.split('\n').at(-2), code }).toEqual({ last: 'RAW', code: 0 });
  });

  it('reads lines until their end, and waits for the last answer', async () => {
    await using talk = new RunningCli(['connect', 'talk', '--url', dev.url], { input: 'one\n\ntwo\n' });
    const { code, out } = await talk.ended;
    const texts = out.split('\n').filter((line) => /^[A-Z]+$/.test(line));
    expect({ code, texts }).toEqual({ code: 0, texts: ['ONE', 'TWO'] });
  });

  it('says which limit a message exceeds, exit 2', async () => {
    const { code, err } = await connect('talk', '--send', 'x'.repeat(3_000));
    expect(code).toBe(2);
    expect(err).toMatch(/has 30\d\d bytes; 2000 are allowed\. That is limits\.messageBytes/);
  });

  it('tells an unknown entrypoint apart, exit 2', async () => {
    const { code, err } = await connect('tolk', '--send', 'x');
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining('has no entrypoint "tolk"') });
  });

  it('ends with 124 when the answer does not come in time', async () => {
    const { code, err } = await connect('talk', '--send', 'say nothing', '--timeout', '300ms');
    expect({ code, err }).toEqual({ code: 124, err: expect.stringContaining('Not done within 300 ms') });
  });

  it('ends with 130 at Ctrl-C', async () => {
    await using talk = new RunningCli([
      'connect',
      'talk',
      '--url',
      dev.url,
      '--send',
      'say nothing',
      '--progress',
      'json',
    ]);
    await talk.says(/"accepted"/);
    talk.signal('SIGINT');
    expect(await talk.ended).toMatchObject({ code: 130, out: '' });
  });

  it('tells a failed start in words, with what a second try would need, exit 1', async () => {
    const { code, out, err } = await connect('broken', '--send', 'x');
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(
      /✖ broken is not available\. Broken service: It could not be started: its program is missing\./,
    );
    expect(err).toMatch(/what {3}command_not_found: .*no-such-program/);
    expect(err).toMatch(/trace {2}[0-9a-f]{32}/);
    expect(err).toMatch(/again {2}not before somebody has mended it/);
  });

  it('waits for a failure to pass with --retry and then delivers what was held', async () => {
    const { code, out, err } = await connect('fragile', '--send', 'please', '--retry');
    expect(err).toMatch(/✖ fragile is not available[^]*exited_early[^]*exit code 3[^]*Trying once more/);
    expect({ code, last: out.split('\n').at(-2) }).toEqual({ code: 0, last: 'PLEASE' });
  });

  it('delivers with --retry also what met a failure that is still cooling down', async () => {
    expect(await connect('grudging', '--send', 'please')).toMatchObject({ code: 1 });
    const { code, out, err } = await connect('grudging', '--send', 'please', '--retry');
    expect({ code, last: out.split('\n').at(-2) }, err).toEqual({ code: 0, last: 'PLEASE' });
  });

  it('draws the plan in place on a terminal', async () => {
    const { err } = await connect('talk', '--send', 'hello', '--progress', 'tty');
    // On a busy machine a service can be lost between two tests: then the same picture says how long its return took.
    expect(err).toMatch(/Everything is ready( after [\d.]+ m?s)?\./);
  });

  it('answers probes and shows metrics on the port of the edge', async () => {
    const [ready, metrics] = await Promise.all([fetch(`${dev.url}/readyz`), fetch(`${dev.url}/metrics`)]);
    expect(await ready.json()).toMatchObject({ status: 'ready' });
    expect(await metrics.text()).toContain('reveille_');
  });

  it('is listed by status, in words and as JSON', async () => {
    const inWords = await runCli(['status'], { cwd: dev.folder.path });
    expect(inWords.out).toMatch(/Alive: 1 edge, 1 initializer, 1 relay\./);
    expect(inWords.out).toMatch(/loud +global +ready +…\d{8} +1 /);
    const asJson = await runCli(['status', '--json'], { cwd: dev.folder.path });
    const states = JSON.parse(asJson.out).instances.map(({ service, state }: { service: string; state: string }) => [
      service,
      state,
    ]);
    expect(states).toContainEqual(['base', 'ready']);
  });

  it('gives validate the times of its starts', async () => {
    const { out, code } = await runCli(['validate', '--plan', 'talk'], { cwd: dev.folder.path });
    expect(code).toBe(0);
    expect(out).toMatch(/0 +base +global +– +\d/);
    expect(out).toMatch(/1 +loud +global +base +\d/);
    expect(out).toMatch(/Critical path: base → loud, about /);
  });

  it('is followed by watch, which wakes nothing', async () => {
    await using watch = new RunningCli(['watch', 'talk', '--progress', 'plain'], { cwd: dev.folder.path });
    await watch.says(/loud \(global\) {2}ready at http/);
    const [pid = 0] = (await dev.servicePids()).slice(-1);
    expect(pid).toBeGreaterThan(0);
    watch.signal('SIGINT');
    expect(await watch.ended).toMatchObject({ code: 130 });
  });

  it('does not share its data folder with a second dev, exit 2', async () => {
    const { code, err } = await runCli(['dev', '--port', '0'], { cwd: dev.folder.path });
    expect(code).toBe(2);
    expect(err).toContain(`another \`reveille dev\` is using`);
    expect(err).toContain(dev.url);
  });

  it('keeps its port from another dev, which says how to choose another one, exit 2', async () => {
    const { port } = new URL(dev.url);
    const { code, err } = await runCli(['dev', '--port', port, '--data', 'other'], { cwd: dev.folder.path });
    expect(code).toBe(2);
    expect(err).toContain(`port ${port} is taken by another program.\nChoose another one: reveille dev --port`);
  });
});
