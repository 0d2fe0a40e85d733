import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { busyHandler } from '../src/index.ts';

async function ask(isBusy: () => boolean): Promise<{ status: number; body: unknown }> {
  const server = createServer(busyHandler(isBusy)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/busy`);
  return { status: response.status, body: await response.json() };
}

describe('the veto of an idle stop', () => {
  it('is given with 200 while something is under way', async () => {
    expect(await ask(() => true)).toEqual({ status: 200, body: { busy: true } });
  });

  it('is not given while nothing is', async () => {
    expect(await ask(() => false)).toEqual({ status: 404, body: { busy: false } });
  });

  it('is given when the service cannot tell', async () => {
    const log = vi.spyOn(console, 'error').mockReturnValue();
    const answer = await ask(() => {
      throw new Error('no idea');
    });
    expect(answer.status).toBe(200);
    expect(log).toHaveBeenCalledOnce();
    log.mockRestore();
  });
});
