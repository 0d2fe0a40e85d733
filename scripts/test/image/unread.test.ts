import { lstatSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { removeUnread } from '../../image/unread.ts';

describe('what an image leaves out', () => {
  const top = mkdtempSync(join(tmpdir(), 'unread-'));
  afterEach(() => rmSync(top, { recursive: true }));

  it('is maps, TypeScript and the tests of installed packages; programs, licences and links stay', () => {
    const kept = [
      'node_modules/@a/b/LICENSE',
      'node_modules/@a/b/README.md',
      'node_modules/@a/b/lib/index.js',
      // Deeper than the top of a package it may be program.
      'node_modules/@a/b/lib/test/run.cjs',
      'packages/x/dist/index.js',
      'packages/x/dist/test/index.js',
    ];
    const left = [
      'node_modules/@a/b/lib/index.d.ts',
      'node_modules/@a/b/lib/index.d.mts',
      'node_modules/@a/b/lib/index.js.map',
      'node_modules/@a/b/src/index.ts',
      'node_modules/@a/b/test/run.js',
      'node_modules/c/tests/run.js',
    ];
    for (const file of [...kept, ...left]) {
      mkdirSync(dirname(join(top, file)), { recursive: true });
      writeFileSync(join(top, file), '');
    }
    symlinkSync('../packages/x', join(top, 'node_modules/x'));
    removeUnread(top);
    const isThere = (file: string): boolean => lstatSync(join(top, file), { throwIfNoEntry: false }) !== undefined;
    expect([...kept, 'node_modules/x'].filter((file) => !isThere(file))).toEqual([]);
    expect(left.filter(isThere)).toEqual([]);
  });
});
