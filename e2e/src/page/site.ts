import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Cluster } from '../cluster.ts';

function runs(service: 'gated' | 'speaker', ...args: string[]): string {
  const script = fileURLToPath(new URL(`./${service}.ts`, import.meta.url));
  return `process: { command: [node, "--conditions=@reveille/source", ${[script, ...args].map((arg) => JSON.stringify(arg)).join(', ')}] }`;
}

const catalog = (dir: string) => `
version: 1
services:
  search_index:
    name: Search index
    start: { ${runs('gated', join(dir, 'index'))} }
    ready: { reported: true }
    deadlineMs: 120000
    retry: { attempts: 2, backoffMs: 200 }
    cooldownMs: 2500
  archive:
    start: { ${runs('gated', join(dir, 'archive'))} }
    ready: { reported: true }
    deadlineMs: 120000
  speaker:
    name: Speaker
    dependsOn: [search_index, archive]
    start: { ${runs('speaker')} }
  dawdler:
    start: { ${runs('gated', join(dir, 'dawdler'))} }
    ready: { reported: true }
    deadlineMs: 9000
  late_speaker:
    dependsOn: [dawdler]
    start: { ${runs('speaker')} }
    deadlineMs: 9000
  lacking:
    name: Lacking
    start: { process: { command: [a-program-that-nobody-has] } }
entrypoints:
  chat: { service: speaker, upstream: { websocket: { path: /session } }, deadlineMs: 180000, limits: { connectionsPerUser: 50 } }
  fleeting: { service: speaker, upstream: { websocket: { path: /session } }, deadlineMs: 180000, resume: { windowMs: 0 } }
  slow: { service: late_speaker, upstream: { websocket: { path: /session } }, deadlineMs: 9000 }
  broken: { service: lacking }
`;

type Gate = 'index' | 'archive' | 'dawdler';

/** Edge, initializer and relay with the page, and services whose starts the test lets go on or fail. */
export class Site implements AsyncDisposable {
  readonly cluster: Cluster;
  readonly url: string;

  private constructor(cluster: Cluster, url: string) {
    this.cluster = cluster;
    this.url = url;
  }

  static async open(redisUrl: string, env: Record<string, string> = {}): Promise<Site> {
    const cluster = await Cluster.start({ redisUrl, catalog, env: { REVEILLE_PAGE: 'true', ...env } });
    const url = (await cluster.of('edge')[0]?.url()) ?? '';
    return new Site(cluster, url.replace(/^ws/, 'http'));
  }

  /** What the start of a service waits for: `ready`, or why it fails. */
  async let(gate: Gate, word: string): Promise<void> {
    const path = join(this.cluster.dir, gate);
    // Whole or not at all: somebody is watching.
    await writeFile(`${path}.new`, word);
    await rename(`${path}.new`, path);
  }

  /** The next start waits again. */
  async letNothing(gate: Gate): Promise<void> {
    await rm(join(this.cluster.dir, gate));
  }

  async letAllStart(): Promise<void> {
    await Promise.all([this.let('index', 'ready'), this.let('archive', 'ready')]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.cluster[Symbol.asyncDispose]();
  }
}
