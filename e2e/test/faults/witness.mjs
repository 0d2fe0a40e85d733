// A service that writes down its own life: when it starts, listens and is asked to end. It listens once `gate` exists.
import { appendFileSync, existsSync, watch } from 'node:fs';
import { createServer } from 'node:http';

const { REVEILLE_SERVICE: service, REVEILLE_GENERATION: generation, PORT: port } = process.env;
const say = (what) =>
  appendFileSync('history.jsonl', `${JSON.stringify({ what, service, generation, pid: process.pid })}\n`);
process.on('SIGTERM', () => {
  say('term');
  process.exit(0);
});
say('start');
const server = createServer((_, response) => response.end(String(process.pid)));
const open = () => {
  if (server.listening || !existsSync('gate')) return;
  server.listen(Number(port), '127.0.0.1', () => say('listening'));
};
watch('.', open);
open();
