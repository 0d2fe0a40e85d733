import { once } from 'node:events';
import { createServer } from 'node:http';
import process from 'node:process';

/** Modules of the tests, one a function. */

/** @param {{ port?: number }} context */
async function listen({ port = 0 }) {
  const server = createServer((_, response) => response.end('here'));
  await once(server.listen(port, '127.0.0.1'), 'listening');
  return server;
}

/** @param {{ port?: number }} context */
export async function initialize(context) {
  console.log('begun');
  const server = await listen(context);
  return () => {
    console.log('closing');
    server.closeAllConnections();
    server.close();
  };
}

/** @param {{ port?: number }} context */
export async function stubborn(context) {
  console.log('begun');
  await listen(context);
  return () => new Promise(() => undefined);
}

export function exit() {
  console.log('begun');
  process.exit(3);
}

/** @param {Record<string, unknown>} context */
export function tell({ signal, ...context }) {
  console.log(`context ${JSON.stringify(context)}`);
  console.log(`environment ${Object.keys(process.env).toSorted().join(' ')}`);
  console.log(`signal ${signal instanceof AbortSignal}, arguments ${process.argv.length - 2}`);
  setInterval(() => undefined, 2 ** 30);
}

export function refuse() {
  throw new Error('there is no table of customers');
}

export async function stall() {
  await new Promise(() => undefined);
}

/** @param {{ port?: number }} context */
export async function elsewhere(context) {
  const server = await listen(context);
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return { url: `http://127.0.0.1:${port}`, [Symbol.asyncDispose]: async () => console.log('disposed') };
}

/** @param {{ signal: AbortSignal }} context */
export async function patient({ signal }) {
  const lock = setInterval(() => undefined, 2 ** 30);
  console.log('begun');
  await once(signal, 'abort');
  clearInterval(lock);
  signal.throwIfAborted();
}

export const version = '1';
