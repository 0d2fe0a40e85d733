import { createServer } from 'node:http';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

/**
 * A service that does nothing but listen: a module for Reveille, and a program when it is run by hand.
 * @param {{ port?: number }} context
 */
export function initialize({ port }) {
  createServer((_, response) => response.end()).listen(port, '127.0.0.1', () => console.log('listening'));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) initialize({ port: Number(process.env['PORT']) });
