import { type ChildProcess, spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { inject } from 'vitest';
import { chatCatalog } from './harness/catalogs.ts';
import { Client } from './harness/client.ts';
import { World } from './harness/world.ts';

const main = new URL('../src/main.ts', import.meta.url).pathname;

class Process implements AsyncDisposable {
  readonly child: ChildProcess;
  readonly exit: Promise<number | null>;
  readonly lines: Record<string, unknown>[] = [];
  stderr = '';
  #news = Promise.withResolvers<void>();

  constructor(env: Record<string, string>) {
    this.child = spawn(process.execPath, ['--conditions=@reveille/source', main], {
      env: { PATH: process.env['PATH'] ?? '', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stderr?.on('data', (data) => (this.stderr += data));
    createInterface({ input: this.child.stdout! }).on('line', (line) => {
      this.lines.push(JSON.parse(line));
      this.#news.resolve();
      this.#news = Promise.withResolvers();
    });
    this.exit = new Promise((resolve) => this.child.once('exit', resolve));
  }

  async says(message: string): Promise<Record<string, unknown>> {
    for (;;) {
      const found = this.lines.find(({ msg }) => String(msg).startsWith(message));
      if (found) return found;
      const ended = await Promise.race([this.#news.promise, this.exit]);
      if (ended !== undefined) throw new Error(`exited before it said "${message}": ${this.stderr}`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill('SIGKILL');
    await this.exit;
  }
}

test('the process reads its catalog again at SIGHUP, drains at SIGTERM and exits 0', async () => {
  await using world = await World.create({ catalog: chatCatalog() });
  await using edge = new Process({
    PORT: '0',
    REVEILLE_HEALTH_PORT: '0',
    REDIS_URL: inject('redisUrl'),
    REVEILLE_NAMESPACE: world.namespace,
    REVEILLE_CATALOG: world.catalogPath,
    REVEILLE_AUTH: 'none',
    REVEILLE_EDGE_SIGNING_KEY: Buffer.alloc(32, 1).toString('base64url'),
  });
  const { url } = await edge.says('listening');
  expect(edge.lines.filter(({ msg }) => String(msg).startsWith('REVEILLE_AUTH=none'))).toHaveLength(1);
  await using user = await new Client(String(url)).opened();
  user.hello();
  await user.next('welcome');
  await writeFile(world.catalogPath, '{}');
  edge.child.kill('SIGHUP');
  await edge.says('the new catalog was refused');
  edge.child.kill('SIGTERM');
  expect((await user.closed).code).toBe(1012);
  expect(await edge.exit).toBe(0);
});

test('a configuration that is wrong is refused with every fault, exit 2', async () => {
  await using edge = new Process({ PORT: 'eighty' });
  expect(await edge.exit).toBe(2);
  for (const name of ['PORT', 'REDIS_URL', 'REVEILLE_CATALOG', 'REVEILLE_EDGE_SIGNING_KEY'])
    expect(edge.stderr).toContain(name);
});
