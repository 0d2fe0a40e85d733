import type http from 'node:http';
import type { CatalogInput, Progress } from '@reveille/contracts';
import { describe, expect, it } from 'vitest';
import { canLookFor, createHttpDriver } from '../../src/index.ts';
import { controlApi, listen } from '../support/control-api.ts';
import { freePort } from '../support/free-port.ts';
import { requestOf } from '../support/start-request.ts';
import { context, never, quiet } from '../support/test-driver.ts';

type Http = NonNullable<CatalogInput['services'][string]['start']['http']>;
type More = Parameters<typeof requestOf>[1];

const calls = (url: string, ...names: ('stop' | 'status')[]): Http =>
  Object.fromEntries(
    ['start' as const, ...names].map((name) => [
      name,
      { method: name === 'status' ? ('GET' as const) : ('POST' as const), url: `${url}/${name}/serve?run=1` },
    ]),
  ) as Http;
const asking = (url: string, names: ('stop' | 'status')[] = [], more?: More) =>
  requestOf({ http: calls(url, ...names) }, more);
const stopping = (request = asking('http://127.0.0.1:9', ['stop'])) => ({
  ...{ graceMs: 50, signal: never(), request: async () => request },
});

/** An API that answers every call as the test says. */
const answering = (answer: http.RequestListener) => listen(answer);
const saying = (status: number, body: string, type = 'application/json') =>
  answering((_, response) => response.writeHead(status, { 'content-type': type }).end(body));

describe('what is sent and understood', () => {
  it('the templates of URLs and headers are filled in; the run, the trace and the grace are told', async () => {
    await using api = await controlApi();
    await using driver = createHttpDriver({ logger: quiet });
    const http: Http = {
      start: { method: 'PUT', url: `${api.url}/start/serve?run={generation}`, headers: { 'x-scope': '{scopeKey}' } },
      stop: { method: 'DELETE', url: `${api.url}/stop/serve?run={generation}` },
    };
    const asked = requestOf({ http }, { environment: { TRACEPARENT: '00-trace', REVEILLE_INSTANCE_KEY: 'secret' } });
    await driver.start(asked, context());
    await driver.stop(asked, stopping(asked));
    const common = { 'reveille-run': asked.name, traceparent: '00-trace', 'user-agent': 'reveille' };
    expect(api.asked).toEqual([
      { what: 'PUT /start/serve?run=1', headers: expect.objectContaining({ ...common, 'x-scope': 'global' }) },
      { what: 'DELETE /stop/serve?run=1', headers: expect.objectContaining({ ...common, 'reveille-grace-ms': '50' }) },
    ]);
    expect(JSON.stringify(api.asked)).not.toContain('secret');
  });

  it('without a url in the answer, the service is at the fixed port of the host that was called', async () => {
    await using api = await saying(202, 'started', 'text/plain');
    await using driver = createHttpDriver({ logger: quiet });
    const endpoint = { port: 4711, path: '/api' };
    const running = await driver.start(asking(api.url, [], { endpoint }), context());
    expect(running.endpoint).toEqual({ url: 'http://127.0.0.1:4711/api', host: '127.0.0.1', port: 4711 });
  });

  it('an address that comes later is waited for, and told so', async () => {
    let looks = 0;
    await using api = await answering((request, response) => {
      response.setHeader('content-type', 'application/json');
      if (request.method === 'POST') return response.writeHead(202).end('{}');
      looks += 1;
      if (looks === 1) return response.writeHead(404).end();
      return response.end(
        JSON.stringify(looks < 4 ? { running: true } : { running: true, url: 'http://10.0.0.7:80/' }),
      );
    });
    await using driver = createHttpDriver({ logger: quiet });
    const told: Progress[] = [];
    const progress = (each: Progress): void => void told.push(each);
    const running = await driver.start(asking(api.url, ['status']), context({ progress }));
    expect(running.endpoint?.url).toBe('http://10.0.0.7');
    expect(told.map(({ detail }) => detail)).toEqual(['asking for its start', 'waiting for its address']);
  });

  it('without a status nothing is adopted from before, and what runs cannot be looked for', async () => {
    await using api = await controlApi();
    await using driver = createHttpDriver({ logger: quiet });
    expect(await driver.adopt(asking(api.url), context())).toBeUndefined();
    expect(api.asked).toEqual([]);
    expect(canLookFor(asking(api.url).spec)).toBe(false);
    expect(canLookFor(asking(api.url, ['status']).spec)).toBe(true);
  });

  it('without a stop it is let go: whoever started it ends it', async () => {
    await using api = await controlApi();
    await using driver = createHttpDriver({ logger: quiet });
    const asked = asking(api.url);
    const running = await driver.start(asked, context());
    expect(await driver.stop(asked, stopping(asked))).toEqual({ stopped: true });
    await running.exited;
    expect(await driver.list(never())).toEqual([]);
    expect(api.asked).toHaveLength(1);
  });

  it('what somebody else ended is noticed, and a status that cannot be had is no end', async () => {
    let status = 200;
    let looks = 0;
    const looked = Promise.withResolvers<void>();
    await using api = await answering((request, response) => {
      const isLook = request.method === 'GET';
      if (isLook && (looks += 1) === 4) looked.resolve();
      const said = JSON.stringify({
        url: 'http://127.0.0.1:9',
        running: !isLook || status !== 200 ? undefined : false,
      });
      response.writeHead(isLook && looks === 1 ? 404 : isLook ? status : 200, { 'content-type': 'application/json' });
      response.end(said);
    });
    await using driver = createHttpDriver({ logger: quiet });
    status = 503;
    const running = await driver.start(asking(api.url, ['status']), context());
    let hasEnded = false;
    void running.exited.then(() => (hasEnded = true));
    await looked.promise;
    expect(hasEnded).toBe(false);
    status = 200;
    expect(await running.exited).toEqual({ code: null, signal: null });
  });
});

describe('a start that cannot be', () => {
  const failureAt = async (url: string, more?: More, names: 'status'[] = []): Promise<unknown> => {
    await using driver = createHttpDriver({ logger: quiet, timeoutMs: 300 });
    return await driver.start(asking(url, names, more), context()).catch((error: unknown) => error);
  };
  const words = (url: string, rest: string) => ({ code: 'driver_error', message: `POST ${url}/start/serve ${rest}` });

  it.each([
    [401, '{"message":"no   token"}', 'application/json', 'answered with status 401: {"message":"no token"}'],
    [503, 'busy\r\n\u001B[31mnow', 'text/plain', 'answered with status 503: busy now'],
    [302, '', 'text/plain', 'answered with status 302'],
    [200, '<html>', 'application/json', 'answered with status 200 and what is no JSON, though it says so: <html>'],
    [200, '{"url":7}', 'application/json', 'answered with a "url" that is no http URL: {"url":7}'],
    [200, 'x'.repeat(70_000), 'text/plain', 'answered with more than 65536 bytes'],
  ])('answer %i %s', async (status, body, type, rest) => {
    await using api = await saying(status, body, type);
    expect(await failureAt(api.url)).toMatchObject(words(api.url, rest));
  });

  it('says that no address is known', async () => {
    await using api = await saying(200, '{}');
    expect(await failureAt(api.url)).toMatchObject({
      code: 'driver_error',
      message: expect.stringContaining('names no "url"'),
    });
  });

  it('says that nobody answers there, that the answer does not come, and that it stops in the middle', async () => {
    const gone = `http://127.0.0.1:${await freePort()}`;
    expect(await failureAt(gone)).toMatchObject(words(gone, 'cannot be reached: nobody answers there'));
    await using mute = await answering(() => undefined);
    expect(await failureAt(mute.url)).toMatchObject(words(mute.url, 'did not answer within 300 ms'));
    await using slow = await answering((_, response) => {
      const drip = setInterval(() => response.write(' '), 20);
      response.once('close', () => clearInterval(drip));
    });
    expect(await failureAt(slow.url)).toMatchObject(
      words(slow.url, 'began an answer with status 200 and did not finish it within 300 ms'),
    );
    await using cut = await answering((_, response) => {
      response.writeHead(200, { 'content-length': 10 }).write('{');
      setImmediate(() => response.destroy());
    });
    expect(await failureAt(cut.url)).toMatchObject({
      message: expect.stringContaining('began an answer with status 200 and did not finish it ('),
    });
    await using broken = await answering((request) => request.socket.end('nonsense\r\n\r\n'));
    expect(await failureAt(broken.url)).toMatchObject(words(broken.url, 'does not speak HTTP'));
  });

  it('is not asked for while its status cannot be learnt: it may run already', async () => {
    let starts = 0;
    await using api = await answering((request, response) => {
      if (request.method === 'POST') starts += 1;
      response.writeHead(500).end('out of order');
    });
    expect(await failureAt(api.url, {}, ['status'])).toMatchObject({
      code: 'driver_error',
      message: `GET ${api.url}/status/serve answered with status 500: out of order`,
    });
    expect(starts).toBe(0);
  });

  it('given up while the answer is awaited, is asked to end', async () => {
    const leave = new AbortController();
    const seen: string[] = [];
    await using api = await answering((request, response) => {
      seen.push(request.url ?? '');
      if (seen.length === 1) leave.abort();
      else response.end();
    });
    await using driver = createHttpDriver({ logger: quiet });
    const started = driver.start(asking(api.url, ['stop']), context({ signal: leave.signal }));
    await expect(started).rejects.toMatchObject({ code: 'cancelled' });
    expect(seen).toEqual(['/start/serve?run=1', '/stop/serve?run=1']);
    expect(await driver.list(never())).toEqual([]);
  });
});

describe('a stop that cannot be confirmed', () => {
  it('says why: refused, still running after its grace, or not known here', async () => {
    await using refusing = await saying(500, 'not now', 'text/plain');
    await using driver = createHttpDriver({ logger: quiet });
    const refused = asking(refusing.url, ['stop']);
    expect(await driver.stop(refused, stopping(refused))).toEqual({
      stopped: false,
      reason: `POST ${refusing.url}/stop/serve answered with status 500: not now`,
    });
    const unknown = await driver.stop(refused, { graceMs: 50, signal: never() });
    expect(unknown).toEqual({ stopped: false, reason: `nothing here says how ${refused.name} is stopped` });
    await using lasting = await saying(200, '{"running":true}');
    const stuck = asking(lasting.url, ['stop', 'status']);
    const given = { ...stopping(stuck), signal: AbortSignal.timeout(500) };
    expect(await driver.stop(stuck, given)).toEqual({
      stopped: false,
      reason: `the wait for ${stuck.name} to end was given up`,
    });
  });
});
