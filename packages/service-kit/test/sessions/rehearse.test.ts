import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { edgePublicKey, edgeSigningKey, instanceKeyPair } from '../../src/keys/index.ts';
import { admit, createGate } from '../../src/sessions/admit.ts';
import { rehearsal, rehearse } from '../../src/sessions/rehearse.ts';

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
