import { readFileSync } from 'node:fs';
import https from 'node:https';
import type { IncomingMessage } from 'node:http';
import type { KubeObject } from '../../../../src/kubernetes/kube-object.ts';
import { textOf } from '../api-answers.ts';

export type WatchEvent = { type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: KubeObject };

/** The API as an administrator sees it: for what controllers, nodes and people do in a cluster. */
export class AdminClient implements Disposable {
  readonly #url: string;
  readonly #token: string;
  readonly #ca: Buffer;
  readonly #agent = new https.Agent({ keepAlive: true, maxSockets: Infinity });

  constructor({ url, token, caFile }: { url: string; token: string; caFile: string }) {
    this.#url = url;
    this.#token = token;
    this.#ca = readFileSync(caFile);
  }

  /** @throws Error with the words of the server for a status of 400 and above */
  async call(method: string, path: string, body?: object, type = 'application/json'): Promise<KubeObject> {
    const answer = await this.#request(method, path, body, type);
    const text = await textOf(answer);
    if ((answer.statusCode ?? 0) >= 400) throw new Error(`${method} ${path}: ${answer.statusCode} ${text}`);
    return (text.startsWith('{') ? JSON.parse(text) : {}) as KubeObject;
  }

  patch(path: string, body: object): Promise<KubeObject> {
    return this.call('PATCH', path, body, 'application/merge-patch+json');
  }

  /** Lists first, and goes on from there until the signal. */
  async *watch(path: string, signal: AbortSignal): AsyncIterable<WatchEvent> {
    const { items = [], metadata } = await this.call('GET', path);
    for (const object of items) yield { type: 'ADDED', object };
    const query = new URLSearchParams({ watch: 'true', resourceVersion: metadata.resourceVersion ?? '' });
    const answer = await this.#request('GET', `${path}?${query}`);
    if (signal.aborted) return void answer.destroy();
    signal.addEventListener('abort', () => answer.destroy(), { once: true });
    try {
      let text = '';
      for await (const chunk of answer.setEncoding('utf8') as AsyncIterable<string>) {
        const lines = `${text}${chunk}`.split('\n');
        text = lines.pop() ?? '';
        for (const line of lines) yield JSON.parse(line) as WatchEvent;
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }

  #request(method: string, path: string, body?: object, type = 'application/json'): Promise<IncomingMessage> {
    const text = body === undefined ? '' : JSON.stringify(body);
    const headers = {
      ...{ Authorization: `Bearer ${this.#token}`, 'Content-Type': type },
      'Content-Length': Buffer.byteLength(text),
    };
    return new Promise((resolve, reject) => {
      https
        .request(`${this.#url}${path}`, { method, headers, ca: this.#ca, agent: this.#agent })
        .once('response', resolve)
        .on('error', reject)
        .end(text);
    });
  }
}
