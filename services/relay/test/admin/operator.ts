import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileSchema } from '@reveille/catalog';
import { expect } from 'vitest';
import type { RelayWorld } from '../relay-world.ts';

const run = '{ process: { command: [node, service.js] } }';
const catalog = `
version: 1
services:
  db: { name: Database, start: ${run} }
  app: { name: App, dependsOn: [db], start: ${run} }
entrypoints:
  chat: { service: app, upstream: { websocket: { path: /session } } }
`;

type Operation = {
  responses: Record<string, { content: { 'application/json': { schema: Record<string, unknown> } } }>;
};
type Document = { paths: Record<string, Record<'get' | 'post', Operation>> };
export type Answer = { status: number; body: Record<string, never> & { error?: { code: string; message: string } } };

/** Speaks with the admin API of a real relay, and holds each answer against the document of that API. */
export class Operator implements AsyncDisposable {
  readonly token = 'an-admin-token-of-this-test-run';
  /** Operations of the document that have been answered with success. */
  readonly answered = new Set<string>();
  readonly #disposables = new AsyncDisposableStack();
  #url = '';
  #document: Document = { paths: {} };

  static async of(world: RelayWorld, env: Record<string, string> = {}): Promise<Operator> {
    const operator = new Operator();
    const dir = await mkdtemp(join(tmpdir(), 'reveille-admin-'));
    operator.#disposables.defer(() => rm(dir, { recursive: true, force: true }));
    const file = join(dir, 'reveille.yaml');
    await writeFile(file, catalog);
    const admin = { REVEILLE_ADMIN_PORT: '0', REVEILLE_ADMIN_HOST: '127.0.0.1', REVEILLE_ADMIN_TOKEN: operator.token };
    const { adminUrl = '' } = await world.relay({ ...admin, REVEILLE_CATALOG: file, ...env });
    operator.#url = adminUrl;
    operator.#document = (await (await fetch(`${adminUrl}/v1/openapi.json`)).json()) as Document;
    return operator;
  }

  get operations(): { method: 'get' | 'post'; path: string }[] {
    return Object.entries(this.#document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => ({ method: method as 'get' | 'post', path })),
    );
  }

  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const own = { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' };
    return fetch(`${this.#url}${path}`, { ...init, headers: { ...own, ...init.headers } });
  }

  get(path: string): Promise<Answer> {
    return this.#ask('get', path, {});
  }

  post(path: string, body: object = {}): Promise<Answer> {
    return this.#ask('post', path, { method: 'POST', body: JSON.stringify(body) });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#disposables.disposeAsync();
  }

  async #ask(method: 'get' | 'post', target: string, init: RequestInit): Promise<Answer> {
    const response = await this.fetch(target, { ...init, headers: { 'x-reveille-operator': 'ann' } });
    const body = (await response.json()) as Answer['body'];
    const [asked = ''] = target.split('?');
    const path = Object.keys(this.#document.paths).find((one) => matches(one, asked)) ?? '';
    const { responses } = this.#document.paths[path]?.[method] ?? { responses: {} };
    const described = responses[response.status] ?? responses['default'];
    if (described === undefined) throw new Error(`the document does not know ${method} ${target}`);
    const fits = compileSchema(described.content['application/json'].schema)(body);
    expect([method, target, response.status, body, fits]).toEqual([method, target, response.status, body, true]);
    if (responses[response.status] !== undefined) this.answered.add(`${method} ${path}`);
    return { status: response.status, body };
  }
}

function matches(path: string, asked: string): boolean {
  const [parts, given] = [path.split('/'), asked.split('/')];
  return parts.length === given.length && parts.every((part, at) => part.startsWith('{') || part === given[at]);
}
