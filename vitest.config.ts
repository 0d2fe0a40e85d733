import { existsSync, readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import { defaultServerConditions } from 'vite';
import { defineConfig, type TestProjectConfiguration } from 'vitest/config';

/**
 * Workspace packages resolve to their TypeScript source, in Vite by these conditions and in Node itself, since Vitest
 * hands them on to its workers as `--conditions`. The condition bears our name because some published packages have a plain
 * `source` that points to TypeScript, which Node does not run inside `node_modules`.
 */
const conditions = ['@reveille/source', ...defaultServerConditions];

/** These get `inject('redisUrl')`: one real server for the whole run, so tests keep apart by namespace. */
const withRedis = new Set(['broker', 'drivers', 'edge', 'initializer', 'relay', 'cli', 'e2e']);

const folders = [...['packages', 'services', 'examples/assistant'].flatMap(packagesIn), 'bench', 'e2e', 'scripts'];

export default defineConfig({
  test: {
    // Most of what they do is to wait for processes: two files at a time leave two cores busy, one leaves them idle.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: folders.map((root): TestProjectConfiguration => ({
      root,
      resolve: { conditions },
      ssr: { resolve: { conditions } },
      test: {
        name: basename(root),
        include: ['test/**/*.test.ts'],
        environment: 'node',
        // Wide on purpose: they end a test that hangs, they are no measure of speed.
        testTimeout: 180_000,
        hookTimeout: 180_000,
        expect: { poll: { timeout: 60_000 } },
        globalSetup: [
          ...(withRedis.has(basename(root)) ? [`${import.meta.dirname}/scripts/vitest/redis.ts`] : []),
          ...(root === 'e2e' ? [`${import.meta.dirname}/e2e/src/vitest/run-folder.ts`] : []),
        ],
      },
    })),
  },
});

function packagesIn(folder: string): string[] {
  return readdirSync(folder)
    .map((name) => `${folder}/${name}`)
    .filter((path) => existsSync(`${path}/package.json`));
}
