import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { keepAlive } from '../../src/sessions/keep-alive.ts';

describe('connections of a service', () => {
  it('are cut when nobody answers at the other end, and kept when somebody does', async () => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    const timer = keepAlive(server, 1000);
    onTestFinished(() => {
      clearInterval(timer);
      for (const connection of server.clients) connection.terminate();
      server.close();
    });
    await once(server, 'listening');
    const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const alive = new WebSocket(url);
    await once(alive, 'open');
    const dead = new WebSocket(url, { autoPong: false });
    const [code] = await once(dead, 'close');
    expect(code).toBe(1006);
    await once(alive, 'ping');
    expect(alive.readyState).toBe(WebSocket.OPEN);
  });
});
