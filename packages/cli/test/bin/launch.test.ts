import { spawn } from 'node:child_process';
import { mkdir, realpath } from 'node:fs/promises';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TempFolder } from '../support/temp-folder.ts';

// Plain JavaScript without types, as an older Node must be able to run it.
const { findNode } = await import(new URL('../../bin/find-node.js', import.meta.url).href);

describe('finding a Node that is new enough', () => {
  it('takes the one of the npm package in the nearest folder above, not one that is too old', async () => {
    await using folder = await TempFolder.create();
    const root = await realpath(folder.path);
    for (const [at, version] of [
      ['', '24.21.0'],
      ['packages/cli', '22.0.0'],
    ] as const) {
      await mkdir(join(root, at, 'node_modules/node/bin'), { recursive: true });
      await folder.write(join(at, 'node_modules/node/package.json'), JSON.stringify({ version }));
      await folder.write(join(at, 'node_modules/node/bin/node'), '');
    }
    await mkdir(join(root, 'packages/cli/bin'), { recursive: true });
    const program = await folder.write('packages/cli/bin/reveille.js', '');
    expect(findNode(program)).toBe(join(root, 'node_modules/node/bin/node'));
  });
});

describe('handing over to another Node', () => {
  const handOver = new URL('../../bin/hand-over.js', import.meta.url).href;
  const launcher = (program: string) => `
    import { handOver } from '${handOver}';
    handOver(process.execPath, ${JSON.stringify(program)}, ['a', 'b']);
  `;

  it('passes arguments, output and the exit status on', async () => {
    await using folder = await TempFolder.create();
    const program = await folder.write(
      'program.mjs',
      'console.log(process.argv.slice(2).join()); process.exitCode = 7;',
    );
    const child = start(await folder.write('launcher.mjs', launcher(program)));
    const [code] = await once(child.process, 'close');
    expect({ code, out: child.out() }).toEqual({ code: 7, out: 'a,b\n' });
  });

  it('passes signals on and ends when the program has ended', async () => {
    await using folder = await TempFolder.create();
    const body =
      "process.on('SIGTERM', () => { console.log('asked'); process.exit(5); }); console.log('up'); setInterval(() => {}, 1e6);";
    const program = await folder.write('program.mjs', body);
    const child = start(await folder.write('launcher.mjs', launcher(program)));
    await once(child.process.stdout, 'data');
    child.process.kill('SIGTERM');
    const [code] = await once(child.process, 'close');
    expect({ code, out: child.out() }).toEqual({ code: 5, out: 'up\nasked\n' });
  });

  it('does not outlive a launcher that is killed', async () => {
    await using folder = await TempFolder.create();
    const body = `
      import { watchLauncher } from '${handOver}';
      watchLauncher();
      process.on('SIGTERM', () => { console.log('alone'); process.exit(0); });
      console.log('up');
      setInterval(() => {}, 1e6);`;
    const program = await folder.write('program.mjs', body);
    const child = start(await folder.write('launcher.mjs', launcher(program)));
    await once(child.process.stdout, 'data');
    child.process.kill('SIGKILL');
    // The output closes when the last process that holds it is gone.
    await once(child.process, 'close');
    expect(child.out()).toBe('up\nalone\n');
  });
});

function start(script: string) {
  let out = '';
  const child = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
  child.stdout.on('data', (text) => (out += text));
  return { process: child, out: () => out };
}
