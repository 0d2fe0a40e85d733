import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';

/** What stands before the 32 bytes of a seed in a PKCS#8 document of an Ed25519 key (RFC 8410, section 7). */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex');

/** As text (PEM), which Node reads at once; of anything else it finds out by exceptions what it is, and each start pays for them. */
function pkcs8Of(seed: Buffer): string {
  const document = Buffer.concat([pkcs8Prefix, seed]).toString('base64');
  return `-----BEGIN PRIVATE KEY-----\n${document}\n-----END PRIVATE KEY-----\n`;
}

/** The bytes of strict, unpadded base64url of exactly `length` bytes, or undefined. `Buffer.from` alone skips what it cannot read. */
export function bytesOf(text: string, length: number): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64url');
  return bytes.length === length && bytes.toString('base64url') === text ? bytes : undefined;
}

/** @throws TypeError when the seed is not base64url of 32 bytes. */
export function privateKeyOfSeed(seed: string): KeyObject {
  const bytes = bytesOf(seed, 32);
  if (!bytes) throw new TypeError('An Ed25519 seed is 32 bytes in base64url without padding (43 characters).');
  return createPrivateKey(pkcs8Of(bytes));
}

/** @throws TypeError when the text is not base64url of 32 bytes. */
export function publicKeyOfRaw(raw: string): KeyObject {
  if (!bytesOf(raw, 32)) {
    throw new TypeError('An Ed25519 public key is 32 bytes in base64url without padding (43 characters).');
  }
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: raw }, format: 'jwk' });
}

/** The 32 bytes of the public half, base64url. */
export function rawPublicKey(key: KeyObject): string {
  const { x } = key.export({ format: 'jwk' });
  if (x === undefined) throw new TypeError('The key has no public half.');
  return x;
}
