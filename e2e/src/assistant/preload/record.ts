import { createHash } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import type { HistoryEntry } from '../history.ts';

/**
 * Loaded into a service before its program: the service itself then writes down that it starts, and the hash of each thing that it
 * emits to a user, so that a checker can tell what it said from anything else.
 */
const { E2E_DIR = '.', REVEILLE_SERVICE = '', REVEILLE_GENERATION = '0' } = process.env;
const who = { service: REVEILLE_SERVICE, generation: Number(REVEILLE_GENERATION), pid: process.pid };

function append(entry: HistoryEntry): void {
  appendFileSync(join(E2E_DIR, 'history.jsonl'), `${JSON.stringify(entry)}\n`);
}

append({ ...who, did: 'start' });

const send = WebSocket.prototype.send as (...args: unknown[]) => void;
WebSocket.prototype.send = function record(this: WebSocket, ...args: unknown[]): void {
  const [frame] = args;
  if (typeof frame === 'string' && frame.startsWith('{"type":"emit"')) {
    const { data } = JSON.parse(frame) as { data: unknown };
    append({ ...who, did: 'emit', hash: createHash('sha256').update(JSON.stringify(data)).digest('hex') });
  }
  send.apply(this, args);
};
