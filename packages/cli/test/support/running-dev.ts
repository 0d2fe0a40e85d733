import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RunningCli } from './run-cli.ts';
import type { TempFolder } from './temp-folder.ts';
import { tinyProduct } from './tiny-product.ts';

/** `reveille dev` on the tiny product, up and listening on a port of its own. */
export class RunningDev implements AsyncDisposable {
  readonly folder: TempFolder;
  readonly cli: RunningCli;
  readonly url: string;

  private constructor(folder: TempFolder, cli: RunningCli, url: string) {
    this.folder = folder;
    this.cli = cli;
    this.url = url;
  }

  static async start(folder?: TempFolder, env: NodeJS.ProcessEnv = {}): Promise<RunningDev> {
    const product = folder ?? (await tinyProduct());
    const cli = new RunningCli(['dev', '--port', '0'], { cwd: product.path, env });
    const [, url = ''] = await cli.says(/Reveille is up at (\S+)/);
    return new RunningDev(product, cli, url);
  }

  /** Every process that the tiny services have been. */
  async servicePids(): Promise<number[]> {
    const text = await readFile(join(this.folder.path, 'pids'), 'utf8').catch(() => '');
    return text.split('\n').filter(Boolean).map(Number);
  }

  async redis(): Promise<{ pid: number; port: number }> {
    const run = JSON.parse(await readFile(join(this.folder.path, '.reveille', 'dev.json'), 'utf8'));
    return { pid: run.redisPid, port: Number(new URL(run.redisUrl).port) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cli.signal('SIGINT');
    await this.cli.ended;
    await this.folder[Symbol.asyncDispose]();
  }
}

/** A zombie is gone too: its parent may be one that collects late. */
export async function isAlive(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return !/\) Z /.test(stat);
}
