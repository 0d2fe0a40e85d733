import { fileURLToPath } from 'node:url';
import type { CatalogInput } from '@reveille/contracts';
import type { StageCatalog } from './stage.ts';

const recorder = script('record-start');
/** More than anything that is measured here could reach. */
const noLimit = 1_000_000;
const limits = {
  connectionsPerUser: noLimit,
  heldMessages: 4096,
  heldBytes: 67_108_864,
  messageBytes: 8_388_608,
  messagesPerSecond: noLimit,
};

/** The three levels of `chain`, lowest first. */
export const chainServices = ['ground', 'middle', 'top'] as const;

/** Three trivial services, each on top of the one before; per user, so that each new user finds them cold; stopped when the user is gone. */
export const chain: StageCatalog = ({ startLog, dir }) => ({
  version: 1,
  services: {
    ground: { ...trivial('link', { startLog, dir }), scope: 'user' },
    middle: { ...trivial('link', { startLog, dir }), scope: 'user', dependsOn: ['ground'] },
    top: { ...trivial('answer', { startLog, dir }), scope: 'user', dependsOn: ['middle'] },
  } as CatalogInput['services'],
  entrypoints: { chat: entrypoint('top') } as CatalogInput['entrypoints'],
});

/**
 * One trivial service for everybody: `chat` with the protocol of the service kit, `bare` an echo server that knows nothing of us; of each
 * of them `fleeting`, where nothing is kept for a reconnect.
 */
export const single: StageCatalog = (at) => ({
  version: 1,
  services: {
    answer: trivial('answer', at),
    bare: {
      start: { process: { command: [process.execPath, ...source, script('bare-echo')] } },
      idle: { stopAfterMs: 1 },
    },
  } as CatalogInput['services'],
  entrypoints: {
    chat: entrypoint('answer'),
    keep: entrypoint('answer'),
    fleeting: { ...entrypoint('answer'), resume: { windowMs: 0 } },
    bare: { service: 'bare', provenance: 'endpoint', limits },
    'bare-fleeting': { service: 'bare', provenance: 'endpoint', limits, resume: { windowMs: 0 } },
  } as unknown as CatalogInput['entrypoints'],
});

/** One service for everybody that goes on starting, and says so when it is told to. */
export const broadcasting: StageCatalog = (at) => ({
  version: 1,
  services: { never: { ...trivial('phases', at), deadlineMs: patienceMs } } as CatalogInput['services'],
  entrypoints: { chat: { ...entrypoint('never'), deadlineMs: patienceMs } } as CatalogInput['entrypoints'],
});

/** Both: users of `chat` are served at once, those of `waiting` wait for a start that goes on. */
export const idle: StageCatalog = (at) => {
  const [served, waited] = [single(at), broadcasting(at)];
  return {
    version: 1,
    services: { ...served.services, ...waited.services },
    entrypoints: { ...served.entrypoints, waiting: waited.entrypoints['chat'] } as CatalogInput['entrypoints'],
  };
};

/** Longer than the harness runs. */
const patienceMs = 600_000;
const source = ['--conditions=@reveille/source'] as const;

export function entrypoint(service: string) {
  return { service, upstream: { websocket: { path: '/session' } }, limits };
}

export function trivial(name: string, { startLog, dir }: { startLog: string; dir: string }, ...args: string[]) {
  return {
    start: {
      process: {
        command: [process.execPath, ...source, '--import', recorder, script(name), ...args],
        env: { BENCH_STARTS: startLog, NODE_COMPILE_CACHE: `${dir}/compile-cache` },
      },
    },
    ready: { reported: true as const },
    idle: { stopAfterMs: 1 },
    stop: { graceMs: 2000 },
  };
}

/** Lets the services of a real catalog record their starts, and stops them soon after their last user. */
export function recorded(command: readonly string[]): string[] {
  const [node = process.execPath, ...args] = command;
  return [node, '--import', recorder, ...args];
}

function script(name: string): string {
  return fileURLToPath(new URL(`../service/${name}.ts`, import.meta.url));
}
