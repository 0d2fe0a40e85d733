import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Program } from '../../src/index.ts';

/** What was asked: `POST /start/serve?run=…`, and with which headers. */
export type Asked = { what: string; headers: http.IncomingHttpHeaders };

/**
 * Somebody else's API: starts, ends and tells of servers of this process. Runs are named by the query; what is to run by the path.
 */
export async function controlApi() {
  const runs = new Map<string, { program: Program; server: http.Server }>();
  const asked: Asked[] = [];
  const end = async (run: string): Promise<void> => {
    const server = runs.get(run)?.server;
    runs.delete(run);
    server?.closeAllConnections();
    if (server?.listening === true) await new Promise((closed) => server.close(closed));
  };
  const answers: Readonly<Record<string, (run: string, program: Program, graceMs: number) => Promise<unknown>>> = {
    async start(run, program) {
      const server = http.createServer((_, response) => response.end('here')).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      runs.set(run, { program, server });
      if (program === 'exit') await end(run);
      return { url: `http://127.0.0.1:${port}` };
    },
    async stop(run, _, graceMs) {
      if (runs.get(run)?.program === 'stubborn') await new Promise((over) => setTimeout(over, graceMs));
      await end(run);
      return {};
    },
    async status(run) {
      const found = runs.get(run);
      if (found === undefined) return undefined;
      return { url: `http://127.0.0.1:${(found.server.address() as AddressInfo).port}`, running: true };
    },
  };
  const server = await listen((request, response) => {
    const url = new URL(request.url ?? '', 'http://api');
    asked.push({ what: `${request.method} ${request.url}`, headers: request.headers });
    const [, what = '', program = ''] = url.pathname.split('/');
    const graceMs = Number(request.headers['reveille-grace-ms']);
    void answers[what]?.(url.searchParams.get('run') ?? '', program as Program, graceMs).then((said) => {
      response.writeHead(said === undefined ? 404 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(said ?? { message: 'there is no such run' }));
    });
  });
  return {
    ...server,
    asked,
    end,
    async [Symbol.asyncDispose]() {
      await Promise.all([...runs.keys()].map(end));
      await server[Symbol.asyncDispose]();
    },
  };
}

/** An HTTP server of this process on a port of its own. */
export async function listen(answer: http.RequestListener): Promise<AsyncDisposable & { url: string; port: number }> {
  const server = http.createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    ...{ port, url: `http://127.0.0.1:${port}` },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}
