import { randomUUID } from 'node:crypto';
import process from 'node:process';
import { type CatalogInput, type InstanceKey, type ScopeKey, service, type ServiceName } from '@reveille/contracts';
import type { Progress } from '@reveille/contracts';
import type { StartRequest } from '@reveille/orchestration';
import { describe, expect, it } from 'vitest';
import { createDockerDriver, driverConformance, type Program } from '../../src/index.ts';
import { context, line, never, quiet } from '../support/test-driver.ts';

/** Set by `npm run test:docker`: an image that has Node, on the Engine that DOCKER_HOST names. */
const image = process.env['REVEILLE_TEST_DOCKER_IMAGE'];

const serve = `
  console.log('begun');
  process.on('SIGTERM', () => process.exit());
  require('node:http').createServer((request, response) => response.end('here')).listen(process.env.PORT);`;
const programs: Record<Program, string> = {
  serve,
  stubborn: serve.replace('process.exit()', 'undefined'),
  exit: `console.log('begun'); process.exitCode = 3;`,
};

type DockerStart = NonNullable<CatalogInput['services'][string]['start']['docker']>;

function requestOf(docker: Partial<DockerStart>, generation = 1, environment = {}): StartRequest {
  return {
    name: `reveille-subject-global-${generation}`,
    instance: 'subject~global' as InstanceKey,
    service: 'subject' as ServiceName,
    generation,
    spec: service.parse({ start: { docker: { image: image ?? '', pull: 'never', ...docker } } }),
    catalogDir: import.meta.dirname,
    values: { scopeKey: 'global' as ScopeKey, generation, deps: new Map() },
    environment,
  };
}

const node = (source: string) => ({ command: ['node', '-e', source] });
const unique = (): ReturnType<typeof createDockerDriver> =>
  createDockerDriver({ namespace: randomUUID(), logger: quiet });

/** Ends what a test left, whatever became of the test. */
async function clear(driver: ReturnType<typeof createDockerDriver>): Promise<void> {
  for (const run of await driver.list(never())) await driver.stop(run, { graceMs: 0, signal: never() });
  await driver[Symbol.asyncDispose]();
}

describe.skipIf(image === undefined)('the docker driver, with a real Engine', () => {
  const cases = driverConformance(async () => {
    const namespace = randomUUID();
    const driver = createDockerDriver({ namespace, logger: quiet });
    const another = createDockerDriver({ namespace, logger: quiet });
    return {
      driver,
      another,
      request: (which, generation) => requestOf(node(programs[which]), generation),
      async [Symbol.asyncDispose]() {
        await another[Symbol.asyncDispose]();
        await clear(driver);
      },
    };
  });
  it.each(cases)('$name', async ({ run }) => {
    await expect(run()).resolves.toBeUndefined();
  });

  it('what it started outlives it and is adopted with its log', async () => {
    const namespace = randomUUID();
    const first = createDockerDriver({ namespace, logger: quiet });
    await first.start(requestOf(node(serve)), context());
    await first[Symbol.asyncDispose]();
    const second = createDockerDriver({ namespace, logger: quiet });
    try {
      const adopted = await second.adopt(requestOf(node(serve)), context());
      if (adopted === undefined) throw new Error('it was not found');
      expect(await line(adopted, /begun/)).toBe('begun');
    } finally {
      await clear(second);
    }
  });

  it('a missing command is named as such, and nothing is left behind', async () => {
    const driver = unique();
    try {
      const refused = driver.start(requestOf({ command: ['no-such-program'] }), context());
      await expect(refused).rejects.toMatchObject({ code: 'command_not_found' });
      expect(await driver.list(never())).toEqual([]);
    } finally {
      await clear(driver);
    }
  });

  it('an image that may not be pulled, and one that cannot be, are told apart', async () => {
    const driver = unique();
    try {
      const missing = { image: 'localhost:9/none:1' };
      await expect(driver.start(requestOf(missing), context())).rejects.toMatchObject({
        code: 'image_pull_failed',
        message: expect.stringContaining('"pull: never" forbids'),
      });
      const progress: Progress[] = [];
      const pulled = driver.start(requestOf({ ...missing, pull: 'missing' }), {
        ...context(),
        progress: (said) => progress.push(said),
      });
      await expect(pulled).rejects.toMatchObject({
        code: 'image_pull_failed',
        message: expect.stringContaining('refused'),
      });
      expect(progress).toEqual([{ phase: 'pulling', detail: 'pulling localhost:9/none:1' }]);
    } finally {
      await clear(driver);
    }
  });

  it('another deployment under the same Engine sees and ends only what it started, of the same name too', async () => {
    const [ours, theirs] = [unique(), unique()];
    try {
      const asked = requestOf(node(serve));
      await ours.start(asked, context());
      expect(await theirs.list(never())).toEqual([]);
      expect(await theirs.stop(asked, { graceMs: 0, signal: never() })).toEqual({ stopped: true });
      expect(await ours.list(never())).toHaveLength(1);
      await theirs.start(asked, context());
      expect(await theirs.list(never())).toHaveLength(1);
      expect(await theirs.stop(asked, { graceMs: 5000, signal: never() })).toEqual({ stopped: true });
      expect([await ours.list(never()), await theirs.list(never())]).toMatchObject([[{ name: asked.name }], []]);
    } finally {
      await clear(theirs);
      await clear(ours);
    }
  });

  it('a secret of its environment does not show in its log', async () => {
    const driver = unique();
    try {
      const asked = requestOf(node(`console.log('key ' + process.env.REVEILLE_INSTANCE_KEY); ${serve}`), 1, {
        REVEILLE_INSTANCE_KEY: 'very-secret-words',
      });
      const running = await driver.start(asked, context());
      expect(await line(running, /^key/)).toBe('key [redacted]');
    } finally {
      await clear(driver);
    }
  });
});
