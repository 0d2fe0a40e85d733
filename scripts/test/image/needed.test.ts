import { describe, expect, it } from 'vitest';
import { neededBy, type Workspace } from '../../image/needed.ts';

const workspaces: Workspace[] = [
  { name: '@x/edge', folder: 'services/edge', dependencies: ['@x/broker', 'express'] },
  { name: '@x/relay', folder: 'services/relay', dependencies: ['@x/broker'] },
  { name: '@x/broker', folder: 'packages/broker', dependencies: ['@x/contracts', 'ioredis'] },
  { name: '@x/contracts', folder: 'packages/contracts', dependencies: ['zod'] },
  { name: '@x/cli', folder: 'packages/cli', dependencies: ['@x/edge'] },
];

describe('what a deployable needs of this repository', () => {
  it('is itself and all below it, and nothing beside', () => {
    expect(neededBy(['services/edge'], workspaces)).toEqual(
      new Set(['services/edge', 'packages/broker', 'packages/contracts']),
    );
  });

  it('is taken once for several', () => {
    expect(neededBy(['services/edge', 'services/relay'], workspaces).size).toBe(4);
  });

  it('is refused for a folder that is no package', () => {
    expect(() => neededBy(['services/egde'], workspaces)).toThrow('services/egde is no package of this repository');
  });
});
