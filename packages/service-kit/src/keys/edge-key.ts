import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { privateKeyOfSeed, publicKeyOfRaw, rawPublicKey } from './ed25519.ts';

/**
 * The private key that an edge signs its assertions with (`REVEILLE_EDGE_SIGNING_KEY`): PKCS#8 PEM (line breaks may be written
 * as `\n`) or a base64url seed of 32 bytes.
 *
 * @throws TypeError with a sentence for the operator; the key never appears in it.
 */
export function edgeSigningKey(pemOrSeed: string): KeyObject {
  const text = pemOrSeed.trim();
  if (!text.startsWith('-----')) return privateKeyOfSeed(text);
  const key = readPem(text, createPrivateKey, 'private');
  if (key.asymmetricKeyType !== 'ed25519') {
    throw new TypeError(`The signing key must be an Ed25519 key; this is ${key.asymmetricKeyType ?? 'another kind'}.`);
  }
  return key;
}

/** The public half as services get it in `REVEILLE_EDGE_KEY`: base64url of 32 bytes. */
export function edgePublicKey(key: KeyObject): string {
  return rawPublicKey(key);
}

/** Edges may have a key each; more than this in one variable is a mistake. */
const maximumKeys = 64;

/**
 * All public keys in `REVEILLE_EDGE_KEY`: base64url of 32 bytes or SPKI PEM, separated by commas or white space.
 *
 * @throws TypeError when there is none, too many, or one that is no Ed25519 public key.
 */
export function edgePublicKeys(text: string): KeyObject[] {
  const unescaped = text.replaceAll('\\n', '\n');
  const pems = unescaped.match(/-----BEGIN [^-]+-----[^-]+-----END [^-]+-----/g) ?? [];
  const rest = pems.reduce((left, pem) => left.replace(pem, ' '), unescaped);
  const raws = rest.split(/[\s,]+/).filter((part) => part !== '');
  if (pems.length + raws.length === 0) throw new TypeError('There is no public key of an edge.');
  if (pems.length + raws.length > maximumKeys) throw new TypeError(`More than ${maximumKeys} public keys of edges.`);
  const keys = [...pems.map((pem) => readPem(pem, createPublicKey, 'public')), ...raws.map(publicKeyOfRaw)];
  if (keys.some((key) => key.asymmetricKeyType !== 'ed25519')) {
    throw new TypeError('The public keys of edges must be Ed25519 keys.');
  }
  return keys;
}

function readPem(text: string, read: (pem: string) => KeyObject, kind: 'private' | 'public'): KeyObject {
  // A private key would be read as its public half: a secret where none belongs is refused, not accepted.
  if (kind === 'public' && !/BEGIN PUBLIC KEY/.test(text)) throw new TypeError('Only public keys belong here.');
  try {
    return read(text.replaceAll('\\n', '\n'));
  } catch (cause) {
    throw new TypeError(`This is not a ${kind} key in PEM form.`, { cause });
  }
}
