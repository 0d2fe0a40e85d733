import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

test('a machine with neither kustomize nor kubectl says what is left out, also in CI', async () => {
  const file = new URL('../../src/manifests/kustomize.ts', import.meta.url).href;
  const script = `const { findKustomize } = await import('${file}'); console.log(findKustomize());`;
  const options = { env: { PATH: '', CI: 'true' } };
  const said = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], options);
  expect(said.stdout).toBe('undefined\n');
  expect(said.stderr).toMatch(/^LEFT OUT: neither kustomize nor kubectl/);
});
