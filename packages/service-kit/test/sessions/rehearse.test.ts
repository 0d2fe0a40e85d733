import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { expect, test, vi } from 'vitest';
import { edgePublicKey, edgeSigningKey, instanceKeyPair } from '../../src/keys/index.ts';
import { admit, createGate } from '../../src/sessions/admit.ts';
import { rehearsal, rehearse, rehearseOnce } from '../../src/sessions/rehearse.ts';

const seed = (): string => randomBytes(32).toString('base64url');
const env = {
  REVEILLE_EDGE_KEY: edgePublicKey(edgeSigningKey(seed())),
  REVEILLE_INSTANCE_KEY: instanceKeyPair(randomBytes(32), 'chat~global', 5).seed,
  REVEILLE_INSTANCE: 'chat~global',
  REVEILLE_GENERATION: '5',
};

test('the assertion of the rehearsal gets as far as its signature, and is refused', () => {
  expect(admit({ headers: rehearsal }, createGate(env, false), Date.now())).toEqual({
    status: 401,
    reason: 'the assertion was refused: the signature is not of a known edge',
  });
});

test('a service without keys rehearses too', () => {
  expect(() => rehearse(createGate({}, true), {})).not.toThrow();
});

test('it comes once: when the service is known to be ready, else soon after it listens', async () => {
  const server = createServer();
  const rehearsed = vi.fn();
  using _ = rehearseOnce(server, rehearsed);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  expect(rehearsed).not.toHaveBeenCalled();
  await expect.poll(() => rehearsed.mock.calls.length).toBe(1);
  await new Promise<void>((closed) => server.close(() => closed()));
});

test('one that was ended before does not come', async () => {
  const server = createServer();
  const rehearsed = vi.fn();
  rehearseOnce(server, rehearsed)[Symbol.dispose]();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // One that begins after it and is not ended: it would have come before that.
  const later = createServer();
  const came = vi.fn();
  using _ = rehearseOnce(later, came);
  later.listen(0, '127.0.0.1');
  await expect.poll(() => came.mock.calls.length).toBe(1);
  expect(rehearsed).not.toHaveBeenCalled();
  await Promise.all([server, later].map((one) => new Promise<void>((closed) => one.close(() => closed()))));
});
