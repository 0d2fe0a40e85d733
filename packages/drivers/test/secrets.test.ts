import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { planContainer } from '../src/docker/container-plan.ts';
import { commandContextOf, createHttpDriver, createModuleDriver } from '../src/index.ts';
import { controlApi, listen } from './support/control-api.ts';
import { program, requestOf } from './support/start-request.ts';
import { tempFolder } from './support/temp-folder.ts';
import { context, line, never, quiet, testDriver } from './support/test-driver.ts';

const env = { PATH: process.env['PATH'], DB_PASSWORD: 'from-the-environment' };
const secrets = { db: { env: 'DB_PASSWORD' }, model: { file: 'keys/../model-key' } };

describe('a secret that the catalog names', () => {
  it('reaches the service from a variable and from a file, and does not show in its log', async () => {
    await using folder = await tempFolder();
    await using driver = testDriver({ env });
    await writeFile(path.join(folder.path, 'model-key'), 'from-the-file\n');
    const tell = `console.log('got ' + process.env.STORE + ' ' + process.env.MODEL.length + ' ' + process.env.MODEL);`;
    const asked = requestOf(
      {
        process: { ...program(tell), env: { STORE: 'pg://app:{secrets.db}@db/{scopeKey}', MODEL: '{secrets.model}' } },
      },
      { secrets, catalogDir: folder.path },
    );
    const running = await driver.start(asked, context());
    expect(await line(running, /^got/)).toBe('got pg://app:[redacted]@db/global 13 [redacted]');
    expect(commandContextOf(asked, { port: 1, env }).env).toMatchObject({ MODEL: 'from-the-file' });
  });

  it('is read at each start: what was rotated holds for the next', async () => {
    await using folder = await tempFolder();
    await using driver = createModuleDriver({ namespace: randomUUID(), hostId: 'here', logger: quiet, env });
    await writeFile(
      path.join(folder.path, 'tell.mjs'),
      'export const initialize = () => console.log(process.env.MODEL.split("").join("."));',
    );
    const asked = requestOf(
      { module: { path: 'tell.mjs', env: { MODEL: '{secrets.model}' } } },
      { secrets, catalogDir: folder.path },
    );
    for (const key of ['first', 'other']) {
      await writeFile(path.join(folder.path, 'model-key'), key);
      const running = await driver.start(asked, context());
      expect(await line(running, /^.\../)).toBe(key.split('').join('.'));
      await driver.stop(asked, { graceMs: 1000, signal: never() });
    }
  });

  it('goes into the environment of a container, and into no other part of it', () => {
    const asked = requestOf(
      { docker: { image: 'x', env: { STORE: 'pg:{secrets.db}' } } },
      { secrets: { db: secrets.db } },
    );
    const { body, secrets: known } = planContainer(asked, 'namespace', env);
    expect(known).toEqual(['from-the-environment']);
    const { Env, ...rest } = body;
    expect(Env).toContain('STORE=pg:from-the-environment');
    expect(JSON.stringify(rest)).not.toContain('from-the-environment');
  });

  it('goes into the headers of a call, and is redacted when the answer repeats it', async () => {
    await using api = await controlApi();
    await using driver = createHttpDriver({ logger: quiet, env });
    const of = (url: string) =>
      requestOf(
        { http: { start: { method: 'POST', url, headers: { authorization: 'Bearer {secrets.db}' } } } },
        { secrets: { db: secrets.db } },
      );
    await driver.start(of(`${api.url}/start/serve`), context());
    expect(api.asked[0]?.headers.authorization).toBe('Bearer from-the-environment');
    await using repeating = await listen((request, response) =>
      response.writeHead(403).end(`no: ${request.headers.authorization}`),
    );
    const refused = driver.start({ ...of(repeating.url), name: 'reveille-subject-global-2' }, context());
    await expect(refused).rejects.toThrow('answered with status 403: no: Bearer [redacted]');
  });

  it.each([
    [{ env: 'NOT_SET' }, 'the initializer has no variable NOT_SET'],
    [{ file: 'gone' }, `there is no file ${import.meta.dirname}/support/gone`],
    [{ file: '.' }, `${import.meta.dirname}/support cannot be read (EISDIR)`],
  ])('that cannot be had makes the start fail, in words: %j', async (source, words) => {
    await using driver = testDriver({ env });
    const asked = requestOf({ process: program('0') }, { secrets: { db: source } });
    await expect(driver.start(asked, context())).rejects.toMatchObject({
      code: 'driver_error',
      message: `the secret "db" cannot be had: ${words}`,
    });
    expect(await driver.list(never())).toEqual([]);
  });

  it('an empty file and one that is too large are no secrets', async () => {
    await using folder = await tempFolder();
    await using driver = testDriver({ env });
    const asked = requestOf({ process: program('0') }, { secrets: { model: secrets.model }, catalogDir: folder.path });
    for (const [text, words] of [
      ['\n', 'is empty'],
      ['x'.repeat(70_000), 'has more than 65536 bytes'],
    ] as const) {
      await writeFile(path.join(folder.path, 'model-key'), text);
      await expect(driver.start(asked, context())).rejects.toThrow(words);
    }
  });
});
