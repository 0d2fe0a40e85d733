import { cp, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ended, runCli, RunningCli } from '../support/run-cli.ts';
import { RunningDev } from '../support/running-dev.ts';
import { TempFolder } from '../support/temp-folder.ts';

describe('an operator of a running dev', () => {
  let dev: RunningDev;
  const reveille = (...args: string[]): Promise<Ended> =>
    runCli(args, { cwd: dev.folder.path, env: { REVEILLE_URL: dev.url } });
  const connect = (): RunningCli =>
    new RunningCli(['connect', 'talk'], { cwd: dev.folder.path, env: { REVEILLE_URL: dev.url } });

  beforeAll(async () => {
    dev = await RunningDev.start();
  });
  afterAll(() => dev[Symbol.asyncDispose]());

  it('starts what an entrypoint needs, without settings, and sees how it becomes ready', async () => {
    const started = await reveille('start', 'talk');
    expect(started).toMatchObject({ code: 0, out: 'talk is ready.\n' });
    expect(started.err).toMatch(/Data store: (waiting|queued|starting)/);
    expect(started.err).toMatch(/Loud service: ready at http:/);
    expect(await dev.servicePids()).toHaveLength(2);
  });

  it('is told that something runs on it, and stops it all the same when that is meant', async () => {
    const refused = await reveille('stop', 'base');
    expect(refused).toMatchObject({ code: 1, out: '' });
    expect(refused.err).toMatch(/in use[\s\S]*base~global: loud~global/);
    expect(await reveille('stop', 'loud')).toMatchObject({ code: 0, out: 'loud is stopped (1).\n' });
    expect(await reveille('stop', 'base')).toMatchObject({ code: 0, out: 'base is stopped (1).\n' });
    expect(await reveille('stop', 'base')).toMatchObject({ code: 0, out: 'Nothing of base is running.\n' });
    const { instances } = JSON.parse((await reveille('status', '--json')).out);
    expect(instances.map(({ state }: { state: string }) => state)).toEqual(['cold', 'cold']);
  });

  it('restarts a service under a user, who goes on in the same session', async () => {
    await using user = connect();
    user.process.stdin?.write('one\n');
    await user.says(/^ONE$/m);
    const before = await dev.servicePids();
    const restarted = await reveille('restart', 'loud');
    expect(restarted).toMatchObject({ code: 0, out: 'loud runs anew (1).\n' });
    user.process.stdin?.end('two\n');
    await user.says(/^TWO$/m);
    expect((await user.ended).code).toBe(0);
    expect((await dev.servicePids()).length).toBe(before.length + 1);
  });

  it('takes a service down: its users and those who come are told that it is maintenance, until it is resumed', async () => {
    const paused = await reveille('pause', 'base', '--reason', 'new disks');
    expect(paused).toMatchObject({ code: 0 });
    // Until it is stopped it may still answer.
    await expect
      .poll(() => reveille('connect', 'talk', '--send', 'hello').then(({ err }) => err))
      .toMatch(/Data store: Down for maintenance/);
    const start = await reveille('start', 'talk');
    expect(start).toMatchObject({ code: 1 });
    expect(start.err).toMatch(/Paused: the service base/);
    expect(await reveille('resume', 'base')).toMatchObject({ code: 0, out: 'The service base may start again.\n' });
    expect((await reveille('connect', 'talk', '--send', 'hello')).out).toMatch(/^HELLO$/m);
  });

  it('closes an entrypoint to whoever comes, while those who talk go on', async () => {
    await using user = connect();
    user.process.stdin?.write('one\n');
    await user.says(/^ONE$/m);
    expect(await reveille('pause', 'talk')).toMatchObject({ code: 0 });
    await expect
      .poll(() => reveille('connect', 'talk', '--send', 'hello').then(({ err }) => err))
      .toMatch(/Down for maintenance/);
    user.process.stdin?.write('two\n');
    await user.says(/^TWO$/m);
    user.process.stdin?.end();
    expect(await reveille('resume', 'talk')).toMatchObject({ code: 0 });
    await expect.poll(() => reveille('connect', 'talk', '--send', 'hello').then(({ out }) => out)).toMatch(/^HELLO$/m);
  });

  it('clears a failure, so that the next user does not wait for its cooldown', async () => {
    expect(await reveille('start', 'grudging')).toMatchObject({ code: 1 });
    expect(await reveille('clear', 'grudging')).toMatchObject({ code: 0, out: 'Cleared: grudging~global\n' });
    expect(await reveille('start', 'grudging')).toMatchObject({ code: 0 });
  });

  it('finds all of that in the audit log', async () => {
    const file = join(dev.folder.path, '.reveille/dev.json');
    expect((await stat(file)).mode & 0o077).toBe(0);
    const { adminUrl, adminToken } = JSON.parse(await readFile(file, 'utf8'));
    const response = await fetch(`${adminUrl}/v1/audit`, { headers: { authorization: `Bearer ${adminToken}` } });
    const { entries } = (await response.json()) as { entries: Record<string, string>[] };
    expect(entries.map(({ action, target, outcome }) => `${action} ${target} ${outcome}`).toReversed()).toEqual(
      expect.arrayContaining([
        'start talk done',
        'stop base refused',
        'restart loud done',
        'pause base done',
        'resume base done',
        'clear grudging done',
      ]),
    );
    expect(entries.every(({ by }) => by?.endsWith('(reveille)'))).toBe(true);
  });

  it('has a deployment looked at by whoever is let in at its admin API, and not at its Redis', async () => {
    const { adminUrl, adminToken } = JSON.parse(await readFile(join(dev.folder.path, '.reveille/dev.json'), 'utf8'));
    const over = (token: string): Promise<Ended> =>
      runCli(['doctor', '--admin', adminUrl, '--json'], { cwd: '/', env: { REVEILLE_ADMIN_TOKEN: token } });
    const { findings } = JSON.parse((await over(adminToken)).out) as { findings: { what: string; level: string }[] };
    const about = findings.map(({ what }) => what.replace(/^Redis \S+, /, ''));
    const parts = ['version', 'persistence', 'clock', 'Queue start', 'Deployables, edges', 'Instances'];
    expect(about).toEqual(expect.arrayContaining(parts));
    expect(about).not.toContain('Node.js');
    expect(findings.find(({ what }) => what === 'Deployables, relays')).toMatchObject({ level: 'ok' });
    expect(await over('of-somebody-else-entirely')).toMatchObject({ code: 2, err: expect.stringMatching(/token/i) });
  });

  it('has the running dev looked at without saying where its catalog is', async () => {
    await using above = await TempFolder.create();
    await cp(join(dev.folder.path, '.reveille/dev.json'), join(above.path, 'product/.reveille/dev.json'));
    const { out } = await runCli(['doctor', '--json'], { cwd: above.path, env: {} });
    const { findings } = JSON.parse(out) as { findings: { what: string; level: string; words: string }[] };
    const of = (what: string) => findings.find((finding) => finding.what === what);
    expect(of('Catalog')).toMatchObject({ level: 'ok', words: expect.stringContaining(dev.folder.path) });
    expect(of('Deployables, edges')).toMatchObject({ level: 'ok' });
  });

  it('is told where to look when a name is wrong or nobody answers', async () => {
    const misspelt = await reveille('start', 'tlak');
    expect(misspelt).toMatchObject({ code: 2 });
    expect(misspelt.err).toMatch(/Did you mean talk\?/);
    const elsewhere = ['--admin', 'http://127.0.0.1:9', '--token', 'x'.repeat(32)];
    expect(await reveille('stop', 'base', ...elsewhere)).toMatchObject({ code: 3 });
  });
});
