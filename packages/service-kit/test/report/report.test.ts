import { once } from 'node:events';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { serviceReport } from '@reveille/contracts';
import type * as reportModule from '../../src/report/report.ts';

type Arrived = { body: unknown; authorization: string | undefined; answer: (status: number, text?: string) => void };

/** Stands for the initializer: hands over one report after the other and answers when told to. */
class Taker {
  readonly #arrived: Arrived[] = [];
  readonly #waiting: ((arrived: Arrived) => void)[] = [];
  readonly server: Server = createServer((request, response) => void this.#take(request, response));

  next(): Promise<Arrived> {
    const first = this.#arrived.shift();
    return first ? Promise.resolve(first) : new Promise((resolve) => this.#waiting.push(resolve));
  }

  get backlog(): number {
    return this.#arrived.length;
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const arrived = {
      body: serviceReport.parse(JSON.parse(await text(request))),
      authorization: request.headers.authorization,
      answer: (status: number, said = '') => void response.writeHead(status).end(said),
    };
    const waiting = this.#waiting.shift();
    if (waiting) waiting(arrived);
    else this.#arrived.push(arrived);
  }
}

let taker: Taker;
let kit: typeof reportModule;

beforeEach(async () => {
  taker = new Taker();
  taker.server.listen(0, '127.0.0.1');
  await once(taker.server, 'listening');
  vi.stubEnv('REVEILLE_REPORT_URL', `http://127.0.0.1:${(taker.server.address() as AddressInfo).port}/report`);
  vi.stubEnv('REVEILLE_REPORT_TOKEN', 'token-of-this-start');
  // The module remembers what is under way, as it should in a service: each test gets its own.
  vi.resetModules();
  kit = await import('../../src/report/report.ts');
});

afterEach(() => {
  vi.unstubAllEnvs();
  taker.server.closeAllConnections();
  taker.server.close();
});

function silenced(): { lines: string[] } {
  const lines: string[] = [];
  const spy = vi.spyOn(console, 'error').mockImplementation((line: string) => void lines.push(line));
  onTestFinished(() => spy.mockRestore());
  return { lines };
}

describe('progress reports', () => {
  it('arrive with the token of the start', async () => {
    const sent = kit.report({ phase: 'opening database', detail: 'restoring', percent: 40 });
    const { body, authorization, answer } = await taker.next();
    answer(204);
    await sent;
    expect(body).toEqual({ phase: 'opening database', detail: 'restoring', percent: 40 });
    expect(authorization).toBe('Bearer token-of-this-start');
  });

  it('go one at a time, and while one is on its way only the latest waits', async () => {
    const first = kit.report({ phase: 'one' });
    const arrived = await taker.next();
    const superseded = kit.report({ phase: 'two' });
    const latest = kit.report({ phase: 'three' });
    await superseded;
    expect(taker.backlog).toBe(0);
    arrived.answer(204);
    await first;
    const last = await taker.next();
    expect(last.body).toEqual({ phase: 'three' });
    last.answer(204);
    await latest;
    expect(taker.backlog).toBe(0);
  });

  it('stay within the bounds of the wire', async () => {
    const sent = kit.report({ phase: 'p'.repeat(100), detail: 'd'.repeat(1000), percent: 140 });
    const { body, answer } = await taker.next();
    answer(204);
    await sent;
    expect(body).toEqual({ phase: 'p'.repeat(64), detail: 'd'.repeat(500), percent: 100 });
  });

  it('that nobody takes cost one warning and nothing else', async () => {
    const { lines } = silenced();
    for (const phase of ['one', 'two']) {
      const sent = kit.report({ phase });
      (await taker.next()).answer(500, 'broken');
      await sent;
    }
    vi.stubEnv('REVEILLE_REPORT_URL', 'http://127.0.0.1:1/report');
    await kit.report({ phase: 'three' });
    expect(lines).toEqual([expect.stringContaining('500 broken')]);
  });

  it('are not sent by a service that was started by hand', async () => {
    vi.stubEnv('REVEILLE_REPORT_URL', undefined);
    await kit.report({ phase: 'one' });
    await kit.reportReady();
    expect(taker.backlog).toBe(0);
  });
});

describe('the report that a service is ready', () => {
  it('comes after the progress under way and supersedes the one that waits', async () => {
    void kit.report({ phase: 'one' });
    const first = await taker.next();
    void kit.report({ phase: 'two' });
    const ready = kit.reportReady('http://127.0.0.1:4711');
    // Had it been sent already, it would arrive before this.
    void fetch(String(process.env['REVEILLE_REPORT_URL']), { method: 'POST', body: '{"phase":"marker"}' });
    const marker = await taker.next();
    expect(marker.body).toEqual({ phase: 'marker' });
    marker.answer(204);
    first.answer(204);
    const second = await taker.next();
    expect(second.body).toEqual({ ready: true, endpoint: 'http://127.0.0.1:4711' });
    second.answer(204);
    await ready;
  });

  it('is tried again until it is taken', async () => {
    const ready = kit.reportReady();
    (await taker.next()).answer(503);
    (await taker.next()).answer(429);
    const third = await taker.next();
    expect(third.body).toEqual({ ready: true });
    third.answer(200);
    await ready;
  });

  it('is an error of the service when it is refused', async () => {
    const ready = expect(kit.reportReady()).rejects.toThrow(/refused: 401 wrong token/);
    (await taker.next()).answer(401, 'wrong token');
    await ready;
    expect(taker.backlog).toBe(0);
  });
});

describe('a report', () => {
  it('is told to who listens on the diagnostics channel before it is on its way', async () => {
    const told: unknown[] = [];
    const listener = (message: unknown) => void told.push(message);
    subscribe('reveille.report', listener);
    onTestFinished(() => void unsubscribe('reveille.report', listener));
    const ready = kit.reportReady();
    const { answer } = await taker.next();
    expect(told).toEqual([{ ready: true }]);
    answer(204);
    await ready;
  });

  it('of which only the beginning is answered was not taken', async () => {
    const half = createTcpServer((socket) => socket.once('data', () => socket.end('HTTP/1.1 20')));
    half.listen(0, '127.0.0.1');
    await once(half, 'listening');
    onTestFinished(() => void half.close());
    const url = String(process.env['REVEILLE_REPORT_URL']);
    vi.stubEnv('REVEILLE_REPORT_URL', `http://127.0.0.1:${(half.address() as AddressInfo).port}/report`);
    const { lines } = silenced();
    await kit.report({ phase: 'one' });
    expect(lines).toEqual([expect.stringContaining('the connection ended without an answer')]);
    vi.stubEnv('REVEILLE_REPORT_URL', url);
  });

  it('that nobody answers is given up in time', async () => {
    const { lines } = silenced();
    const sent = kit.report({ phase: 'one' });
    await taker.next();
    await sent;
    expect(lines).toEqual([expect.stringContaining('no answer within 2000 ms')]);
  });
});
