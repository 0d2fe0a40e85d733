import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inspectFloors } from '../floors/inspect.ts';
import type { Rule } from '../floors/judge.ts';
import { manifest, plant, soundHouse, type Tree } from './house.ts';

interface Wrong {
  readonly what: string;
  readonly rule: Rule;
  readonly tree: Tree;
}

const wrongs: readonly Wrong[] = [
  {
    what: 'an arrow up',
    rule: 'down',
    tree: { 'packages/broker/src/up.ts': `import '@reveille/edge';\n` },
  },
  {
    what: 'an arrow up for a type alone',
    rule: 'down',
    tree: { 'packages/lifecycle/src/up.ts': `import type { id } from '@reveille/contracts';\n` },
  },
  {
    what: 'an arrow up by import type()',
    rule: 'down',
    tree: { 'packages/orchestration/src/up.ts': `export type Up = import('@reveille/broker').Up;\n` },
  },
  {
    what: 'an arrow up by re-export',
    rule: 'down',
    tree: { 'packages/client/src/up.ts': `export * from '@reveille/broker';\n` },
  },
  {
    what: 'an arrow up at run time, from a subpath',
    rule: 'down',
    tree: { 'packages/client/src/up.ts': `export const up = () => import('@reveille/broker/server');\n` },
  },
  {
    what: 'an arrow up from a test',
    rule: 'down',
    tree: { 'packages/broker/test/up.test.ts': `import '@reveille/edge';\n` },
  },
  {
    what: 'an arrow up in package.json',
    rule: 'down',
    tree: { 'packages/drivers/package.json': manifest('@reveille/drivers', '@reveille/lifecycle', '@reveille/edge') },
  },
  {
    what: 'one service that imports another',
    rule: 'down',
    tree: { 'services/edge/src/sideways.ts': `import '@reveille/relay';\n` },
  },
  {
    what: 'drivers that import the broker',
    rule: 'down',
    tree: { 'packages/drivers/src/sideways.ts': `import '@reveille/broker';\n` },
  },
  {
    what: 'a service that imports the command line',
    rule: 'down',
    tree: { 'services/relay/src/up.ts': `import 'reveille';\n` },
  },
  {
    what: 'an example that imports the command line',
    rule: 'rooms',
    tree: { 'examples/assistant/tool-classes/src/cli.ts': `import 'reveille';\n` },
  },
  {
    what: 'an example that is imported',
    rule: 'down',
    tree: { 'packages/cli/src/example.ts': `import '@reveille-example/tool-classes';\n` },
  },
  {
    what: 'end-to-end tests that are imported',
    rule: 'down',
    tree: { 'packages/cli/test/e2e.test.ts': `import '@reveille/e2e';\n` },
  },
  {
    what: 'decisions that know more than the contracts',
    rule: 'rooms',
    tree: { 'packages/orchestration/src/lifecycle.ts': `import '@reveille/lifecycle';\n` },
  },
  {
    what: 'node: in orchestration',
    rule: 'node',
    tree: { 'packages/orchestration/src/node.ts': `import { randomUUID } from 'node:crypto';\n` },
  },
  {
    what: 'node: in orchestration, without saying so',
    rule: 'node',
    tree: { 'packages/orchestration/src/node.ts': `import { randomUUID } from 'crypto';\n` },
  },
  {
    what: 'node: in the client, which browsers load',
    rule: 'node',
    tree: { 'packages/client/src/node.ts': `import 'node:net';\n` },
  },
  {
    what: 'node: in contracts',
    rule: 'node',
    tree: { 'packages/contracts/src/node.ts': `export { URL } from 'node:url';\n` },
  },
  {
    what: 'contracts that import more than zod, even where it is declared',
    rule: 'packages',
    tree: {
      'packages/contracts/package.json': manifest('@reveille/contracts', 'zod', 'yaml'),
      'packages/contracts/src/yaml.ts': `import 'yaml';\n`,
    },
  },
  {
    what: 'lifecycle with a package from outside',
    rule: 'packages',
    tree: {
      'packages/lifecycle/package.json': manifest('@reveille/lifecycle', 'pino'),
      'packages/lifecycle/src/log.ts': `import 'pino';\n`,
    },
  },
  {
    what: 'a package that is installed only for somebody else',
    rule: 'declared',
    tree: { 'packages/broker/src/pino.ts': `import 'pino';\n` },
  },
  {
    what: 'source that imports a tool of the root',
    rule: 'declared',
    tree: { 'packages/broker/src/tested.ts': `import 'vitest';\n` },
  },
  {
    what: 'a way through the wall',
    rule: 'walls',
    tree: { 'services/edge/src/wall.ts': `import '../../relay/src/index.ts';\n` },
  },
  {
    what: 'source that imports its tests',
    rule: 'walls',
    tree: { 'packages/contracts/src/tested.ts': `import '../test/index.test.ts';\n` },
  },
  {
    what: 'a module by its address',
    rule: 'walls',
    tree: { 'packages/broker/src/address.ts': `import 'https://example.org/module.js';\n` },
  },
  {
    what: 'a room outside the plan',
    rule: 'plan',
    tree: { 'packages/attic/package.json': manifest('@reveille/attic'), 'packages/attic/src/index.ts': `export {};\n` },
  },
  {
    what: 'an empty room',
    rule: 'empty',
    tree: { 'services/initializer/package.json': manifest('@reveille/initializer') },
  },
];

describe('the floors', () => {
  it('let a sound house stand, having looked at all of it', () => {
    using house = plant(soundHouse);
    expect(inspectFloors(house.root)).toEqual({ refusals: [], rooms: 11, files: 13, imports: 15 });
  });

  it.each(wrongs)('refuse $what', ({ rule, tree }) => {
    using house = plant(soundHouse, tree);
    expect(inspectFloors(house.root).refusals.map((refusal) => refusal.rule)).toEqual([rule]);
  });

  it('do not look away from a module that cannot be read', () => {
    using house = plant(soundHouse, { 'packages/broker/src/broken.ts': `import { from '@reveille/edge';\n` });
    expect(() => inspectFloors(house.root)).toThrow('packages/broker/src/broken.ts');
  });

  it('know every room of this repository', () => {
    const { refusals, rooms } = inspectFloors(join(import.meta.dirname, '../..'));
    expect(refusals.filter((refusal) => refusal.rule === 'plan')).toEqual([]);
    expect(rooms).toBeGreaterThanOrEqual(18);
  });
});
