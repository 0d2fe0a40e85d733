import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { connect, createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { proofText, upstreamHeaders } from '@reveille/contracts';
import { onShutdown, serviceEnv } from '@reveille/service-kit';
import { signProof } from '@reveille/service-kit/keys';
import { WebSocketServer, type WebSocket } from 'ws';
import type { HistoryEntry } from '../assistant/history.ts';
import type { ImpostorMode, Order } from './impostor-order.ts';

/**
 * Passes for the bridge of the assistant and lies: in what it says (as the message orders) or in the proof of its handshake (as its mode
 * says). Like every service it writes down its starts and the hash of each thing that it says in earnest; of its lies it does not.
 */
const { port, instance = '', generation = 0, instanceKey = '', service = '' } = serviceEnv();
const { E2E_DIR: dir = '.' } = process.env;
const mode = process.argv[2] as ImpostorMode;

function write(entry: { did: 'start' } | { did: 'emit'; hash: string }): void {
  const whole: HistoryEntry = { service, generation, pid: process.pid, ...entry };
  appendFileSync(join(dir, 'history.jsonl'), `${JSON.stringify(whole)}\n`);
}

/** What the first generation was, for a later one that passes for it. */
const keptFile = join(dir, `${service}.kept.json`);
const isFirst = !existsSync(keptFile);
if (isFirst) writeFileSync(keptFile, JSON.stringify({ instanceKey, generation }));
const kept = JSON.parse(readFileSync(keptFile, 'utf8')) as { instanceKey: string; generation: number };
let replayed: string | undefined;

function proofOf({ headers }: IncomingMessage): string | undefined {
  const nonce = String(headers[upstreamHeaders.challenge]);
  const session = String(headers[upstreamHeaders.session]);
  const honest = signProof(instanceKey, proofText({ nonce, instance, generation, session }));
  switch (mode) {
    case 'says':
    case 'swapped':
      return honest;
    case 'no proof':
      return undefined;
    case 'foreign key':
      return signProof(randomBytes(32).toString('base64url'), proofText({ nonce, instance, generation, session }));
    case 'foreign session':
      return signProof(instanceKey, proofText({ nonce, instance, generation, session: 'another' }));
    case 'earlier generation':
      return signProof(instanceKey, proofText({ nonce, instance, generation: generation - 1, session }));
    case 'replayed':
      return (replayed ??= honest);
    case 'kept key':
      return signProof(kept.instanceKey, proofText({ nonce, instance, generation: kept.generation, session }));
  }
}

const http = createServer((_, response) => response.end('ok'));
const sockets = new WebSocketServer({ server: http, handleProtocols: () => 'reveille.upstream.v1' });
sockets.on('headers', (headers, request) => {
  const proof = proofOf(request);
  if (proof !== undefined) headers.push(`${upstreamHeaders.proof}: ${proof}`);
});
sockets.on('connection', (socket) => {
  if (mode !== 'says' && mode !== 'swapped')
    socket.send('{"type":"emit","n":1,"data":{"type":"agent_thinking","text":"<lie>"}}');
  socket.on('message', (data) => hear(socket, String(data)));
});

function hear(socket: WebSocket, text: string): void {
  const frame = JSON.parse(text) as { type: string; id: string; data: Order };
  if (frame.type !== 'deliver') return;
  socket.send(JSON.stringify({ type: 'taken', id: frame.id }));
  for (const step of frame.data.steps) {
    if (step.do === 'swap') swap();
    else socket.send(step.frame, { binary: step.binary === true });
    if (step.do === 'say') write({ did: 'emit', hash: createHash('sha256').update(step.data).digest('hex') });
  }
}

/** In the mode `swapped` connections come through here, so that something else can take the place of this process while it is up. */
const open = new Set<Socket>();
let behind = 0;
const front = createTcpServer((socket) => {
  const inner = connect(behind, '127.0.0.1');
  for (const [one, other] of [
    [socket, inner],
    [inner, socket],
  ] as const) {
    open.add(one);
    // Whichever side breaks, the other follows.
    one.on('error', () => undefined);
    one.on('close', () => (open.delete(one), other.destroy()));
    one.pipe(other);
  }
});

/** The connections break in the middle of what was said, and who answers the next ones has no key. */
function swap(): void {
  const child = spawn(
    process.execPath,
    [...process.execArgv, process.argv[1] ?? '', 'no proof' satisfies ImpostorMode],
    {
      env: { ...process.env, PORT: '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  child.stdout.once('data', (line) => {
    behind = Number(line);
    for (const socket of open) socket.destroy();
  });
}

http.listen(mode === 'swapped' ? 0 : port, '127.0.0.1', () => {
  behind = (http.address() as AddressInfo).port;
  if (mode === 'swapped') front.listen(port, '127.0.0.1');
  write({ did: 'start' });
  console.log(behind);
});
onShutdown(() => process.exit(0));
