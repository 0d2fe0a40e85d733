import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { pageFiles, pageHeaders } from '../../serve/index.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'reveille-page-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

describe('the files of the page', () => {
  test('are served under their names, the document at / and asked for each time', async () => {
    await mkdir(join(dir, 'assets'));
    await writeFile(join(dir, 'index.html'), '<!doctype html>');
    await writeFile(join(dir, 'assets/a-1234.js'), 'x');
    await writeFile(join(dir, '.built-from'), 'not for users');
    const files = await pageFiles(dir);
    expect([...files.keys()].toSorted()).toEqual(['/', '/assets/a-1234.js']);
    expect(files.get('/')).toMatchObject({ type: 'text/html; charset=utf-8', cacheControl: 'no-cache' });
    expect(files.get('/assets/a-1234.js')?.cacheControl).toContain('immutable');
  });

  test('that are not built are missed in words', async () => {
    await expect(pageFiles(join(dir, 'nowhere'))).rejects.toThrow(/not built.*npm run build:app -w @reveille\/page/);
    await expect(pageFiles(dir)).rejects.toThrow(/not built/);
  });
});

describe('the page as it is built', () => {
  test('is small, whole, and asks for nothing from elsewhere', async () => {
    const files = await pageFiles();
    const bytes = [...files.values()].reduce((sum, { body }) => sum + gzipSync(body).length, 0);
    expect(bytes).toBeLessThan(65_000);
    const document = files.get('/')?.body.toString() ?? '';
    const named = [...document.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path ?? '');
    expect(named.length).toBeGreaterThan(2);
    for (const path of named) expect(files.has(path.replace(/^\./, '')), path).toBe(true);
  });

  test('has nothing that its own policy would refuse', async () => {
    const document = (await pageFiles()).get('/')?.body.toString() ?? '';
    expect(document).not.toMatch(/<script(?![^>]*\ssrc=)/);
    expect(document).not.toMatch(/<style|\sstyle=|\son\w+=/);
    expect(pageHeaders['content-security-policy']).not.toMatch(/unsafe|\*|https?:/);
  });
});
