import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { edgePublicKey, edgePublicKeys, edgeSigningKey } from '../../src/keys/index.ts';

const seed = randomBytes(32).toString('base64url');

describe('the signing key of an edge', () => {
  it('is the same key as a seed, as PEM, and as PEM on one line', () => {
    const key = edgeSigningKey(seed);
    const pem = key.export({ format: 'pem', type: 'pkcs8' }).toString();
    expect(edgePublicKey(edgeSigningKey(pem))).toBe(edgePublicKey(key));
    expect(edgePublicKey(edgeSigningKey(pem.trim().replaceAll('\n', '\\n')))).toBe(edgePublicKey(key));
  });

  it.each([
    ['nothing', ''],
    ['a seed that is too short', randomBytes(31).toString('base64url')],
    ['standard base64', Buffer.alloc(32, 0xff).toString('base64')],
    ['a broken PEM', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----'],
    ['an RSA key', rsa('pkcs8')],
  ])('is refused in words when it is %s', (_what, text) => {
    expect(() => edgeSigningKey(text)).toThrow(TypeError);
  });

  it('does not show the key when it refuses it', () => {
    const almost = `${seed}x`;
    expect(() => edgeSigningKey(almost)).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining(almost) }),
    );
  });
});

describe('the public keys that a service gets', () => {
  it('may be several, raw and PEM, separated by commas, spaces and lines', () => {
    const keys = [1, 2, 3, 4].map(() => edgeSigningKey(randomBytes(32).toString('base64url')));
    const raws = keys.map(edgePublicKey);
    const pem = (at: number): string => spki(raws[at] ?? '');
    const text = `${raws[0]}, ${pem(1)},${raws[2]}\n ${pem(3).replaceAll('\n', '\\n')}`;
    expect(edgePublicKeys(text).map(edgePublicKey).toSorted()).toEqual(raws.toSorted());
  });

  it.each([
    ['none', ' , '],
    ['a word', 'secret'],
    ['a private key', edgeSigningKey(seed).export({ format: 'pem', type: 'pkcs8' }).toString()],
    ['an RSA key', rsa('spki')],
    ['too many', Array.from({ length: 65 }, () => edgePublicKey(edgeSigningKey(seed))).join(',')],
  ])('are refused when there is %s', (_what, text) => {
    expect(() => edgePublicKeys(text)).toThrow(TypeError);
  });
});

function rsa(type: 'pkcs8' | 'spki'): string {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return (type === 'pkcs8' ? privateKey : publicKey).export({ format: 'pem', type }).toString();
}

/** RFC 8410: a fixed head before the 32 bytes. */
function spki(raw: string): string {
  const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), Buffer.from(raw, 'base64url')]);
  return `-----BEGIN PUBLIC KEY-----\n${der.toString('base64')}\n-----END PUBLIC KEY-----`;
}
