import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { proofText } from '@reveille/contracts';
import { instanceKeyPair, signProof, verifyProof } from '../../src/keys/index.ts';

const rootSecret = randomBytes(32);
const instance = fc.stringMatching(/^[a-z][a-z0-9_-]{0,20}~(global|[a-z2-7]{26})$/);
const generation = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const proof = fc.record({ nonce: fc.stringMatching(/^[\w-]{22}$/), instance, generation, session: fc.uuid() });

describe('the key of a generation', () => {
  it('is the same wherever it is derived from the same secret', () => {
    fc.assert(
      fc.property(instance, generation, (name, n) => {
        expect(instanceKeyPair(Buffer.from(rootSecret), name, n)).toEqual(instanceKeyPair(rootSecret, name, n));
      }),
      { numRuns: 50 },
    );
  });

  it('differs for every other instance, generation and secret', () => {
    const keys = [
      instanceKeyPair(rootSecret, 'a~global', 1),
      instanceKeyPair(rootSecret, 'a~global', 11),
      instanceKeyPair(rootSecret, 'a~global1', 1),
      instanceKeyPair(rootSecret, 'b~global', 1),
      instanceKeyPair(randomBytes(32), 'a~global', 1),
    ];
    expect(new Set(keys.flatMap((pair) => [pair.seed, pair.publicKey])).size).toBe(2 * keys.length);
  });

  it('is refused for a secret of less than 32 bytes and for a generation that is none', () => {
    expect(() => instanceKeyPair(randomBytes(31), 'a~global', 1)).toThrow(RangeError);
    expect(() => instanceKeyPair(rootSecret, 'a~global', -1)).toThrow(RangeError);
    expect(() => instanceKeyPair(rootSecret, 'a~global', 1.5)).toThrow(RangeError);
    expect(() => instanceKeyPair(rootSecret, 'a~global\u00001', 1)).toThrow(RangeError);
  });
});

describe('a proof', () => {
  it('is accepted for what was signed', () => {
    fc.assert(
      fc.property(proof, (of) => {
        const pair = instanceKeyPair(rootSecret, of.instance, of.generation);
        expect(verifyProof(pair.publicKey, proofText(of), signProof(pair.seed, proofText(of)))).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  it('is refused for any other nonce, instance, generation or session', () => {
    fc.assert(
      fc.property(proof, proof, (of, other) => {
        const pair = instanceKeyPair(rootSecret, of.instance, of.generation);
        const signature = signProof(pair.seed, proofText(of));
        for (const field of ['nonce', 'instance', 'generation', 'session'] as const) {
          fc.pre(of[field] !== other[field]);
          expect(verifyProof(pair.publicKey, proofText({ ...of, [field]: other[field] }), signature)).toBe(false);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('is refused when another generation made it', () => {
    fc.assert(
      fc.property(proof, (of) => {
        const made = instanceKeyPair(rootSecret, of.instance, of.generation);
        const expected = instanceKeyPair(rootSecret, of.instance, of.generation === 0 ? 1 : of.generation - 1);
        expect(verifyProof(expected.publicKey, proofText(of), signProof(made.seed, proofText(of)))).toBe(false);
      }),
      { numRuns: 50 },
    );
  });

  it('is refused after any change of a character, and when written differently', () => {
    const pair = instanceKeyPair(rootSecret, 'a~global', 1);
    const signature = signProof(pair.seed, 'text');
    for (let at = 0; at < signature.length; at += 1) {
      const forged = signature.slice(0, at) + (signature[at] === 'A' ? 'B' : 'A') + signature.slice(at + 1);
      expect(verifyProof(pair.publicKey, 'text', forged)).toBe(false);
    }
    expect(verifyProof(pair.publicKey, 'text', `${signature}==`)).toBe(false);
    expect(verifyProof(pair.publicKey, 'text', ` ${signature}`)).toBe(false);
  });

  it('never throws on rubbish', () => {
    const { publicKey } = instanceKeyPair(rootSecret, 'a~global', 1);
    const raw = fc
      .uint8Array({ minLength: 32, maxLength: 32 })
      .map((bytes) => Buffer.from(bytes).toString('base64url'));
    const signature = fc.uint8Array({ minLength: 64, maxLength: 64 }).map((b) => Buffer.from(b).toString('base64url'));
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), raw, fc.constant(publicKey)),
        fc.string(),
        fc.oneof(fc.string(), signature),
        (key, text, made) => {
          expect(verifyProof(key, text, made)).toBe(false);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('cannot be made with something that is no seed', () => {
    for (const seed of ['', 'short', 'A'.repeat(44), `${'A'.repeat(42)}!`]) {
      expect(() => signProof(seed, 'text')).toThrow(TypeError);
    }
  });
});
