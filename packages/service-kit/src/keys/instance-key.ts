import { hkdfSync, type KeyObject, sign, verify } from 'node:crypto';
import { bytesOf, privateKeyOfSeed, publicKeyOfRaw, rawPublicKey } from './ed25519.ts';

/** `seed` goes to the service as `REVEILLE_INSTANCE_KEY`, `publicKey` into the ledger. Both base64url of 32 bytes. */
export type InstanceKeyPair = { seed: string; publicKey: string };

/**
 * The key pair of one generation of an instance: HKDF-SHA256 of the root secret. The same on every initializer that has the
 * secret, so that a start can be adopted by another one. A zero byte, which no instance key contains, keeps the parts of `info` apart.
 *
 * @throws RangeError when the secret has fewer than 32 bytes or the generation is not a whole number from 0.
 */
export function instanceKeyPair(rootSecret: Buffer | KeyObject, instance: string, generation: number): InstanceKeyPair {
  const size = Buffer.isBuffer(rootSecret) ? rootSecret.length : (rootSecret.symmetricKeySize ?? 0);
  if (size < 32) {
    throw new RangeError(`The root secret needs at least 32 bytes; it has ${size}.`);
  }
  if (!Number.isSafeInteger(generation) || generation < 0 || instance.includes('\0')) {
    throw new RangeError('A key belongs to an instance key and a generation, a whole number from 0.');
  }
  const info = `reveille instance key\0${instance}\0${generation}`;
  const seed = Buffer.from(hkdfSync('sha256', rootSecret, Buffer.alloc(0), info, 32)).toString('base64url');
  return { seed, publicKey: rawPublicKey(privateKeyOfSeed(seed)) };
}

/** Ed25519 signature of the text (`proofText` of contracts), base64url. @throws TypeError when the seed is none. */
export function signProof(seed: string, text: string): string {
  return sign(null, Buffer.from(text), privateKeyOfSeed(seed)).toString('base64url');
}

/** Did the holder of the seed behind `publicKey` sign this text? Never throws: rubbish is simply not a proof. */
export function verifyProof(publicKey: string, text: string, proof: string): boolean {
  const signature = bytesOf(proof, 64);
  if (!signature || !bytesOf(publicKey, 32)) return false;
  try {
    return verify(null, Buffer.from(text), publicKeyOfRaw(publicKey), signature);
  } catch {
    // 32 bytes that are no point of the curve: nothing can be proven with them.
    return false;
  }
}
