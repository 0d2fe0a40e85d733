import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Files by path; an object is written as JSON. */
export type Tree = Readonly<Record<string, string | object>>;

/** A folder with these files, gone when disposed. */
export function plant(...trees: readonly Tree[]): Disposable & { readonly root: string } {
  const root = mkdtempSync(join(tmpdir(), 'reveille-gate-'));
  for (const [path, content] of Object.entries(Object.assign({}, ...trees) as Tree)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return { root, [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }) };
}

export function manifest(name: string, ...dependencies: readonly string[]): object {
  return { name, dependencies: Object.fromEntries(dependencies.map((dependency) => [dependency, '0.1.0'])) };
}

/** A small house in which everything is as it should be: the wrong ones differ from it in one file. */
export const soundHouse: Tree = {
  'package.json': { name: 'house', devDependencies: { vitest: '5.1.1' } },
  'packages/contracts/package.json': manifest('@reveille/contracts', 'zod'),
  'packages/contracts/src/index.ts': `import { z } from 'zod';\nexport const id = z.string();\n`,
  'packages/contracts/test/index.test.ts': `import { readFile } from 'node:fs/promises';\nimport { it } from 'vitest';\nit(readFile.name);\n`,
  'packages/lifecycle/package.json': manifest('@reveille/lifecycle'),
  'packages/lifecycle/src/index.ts': `export { once } from 'node:events';\n`,
  'packages/orchestration/package.json': manifest('@reveille/orchestration', '@reveille/contracts'),
  'packages/orchestration/src/index.ts': `export type { id } from '@reveille/contracts';\n`,
  'packages/client/package.json': manifest('@reveille/client', '@reveille/contracts'),
  'packages/client/src/index.ts': `import type { id } from '@reveille/contracts';\nexport type Id = typeof id;\n`,
  'packages/broker/package.json': manifest('@reveille/broker', '@reveille/orchestration', 'ioredis'),
  'packages/broker/src/index.ts': `import '@reveille/orchestration';\nimport 'ioredis';\nimport './server/index.ts';\n`,
  'packages/broker/src/server/index.ts': `export const port = 6379;\n`,
  'packages/drivers/package.json': manifest('@reveille/drivers', '@reveille/lifecycle'),
  'packages/drivers/src/index.ts': `import '@reveille/lifecycle';\n`,
  'services/edge/package.json': manifest('@reveille/edge', '@reveille/broker'),
  'services/edge/src/index.ts': `export * from '@reveille/broker/server';\n`,
  'services/relay/package.json': manifest('@reveille/relay', '@reveille/broker'),
  'services/relay/src/index.ts': `import '@reveille/broker';\n`,
  'packages/cli/package.json': manifest('reveille', '@reveille/edge'),
  'packages/cli/src/index.ts': `const edge = import('@reveille/edge');\nexport default edge;\n`,
  'examples/assistant/tool-classes/package.json': manifest('@reveille-example/tool-classes', '@reveille/client'),
  'examples/assistant/tool-classes/src/main.ts': `import '@reveille/client';\n`,
  'e2e/package.json': manifest('@reveille/e2e', 'reveille'),
  'e2e/test/chat.test.ts': `import 'reveille';\n`,
};
