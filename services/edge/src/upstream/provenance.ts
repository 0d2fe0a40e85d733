import { randomBytes } from 'node:crypto';
import { type LedgerRecord, proofText } from '@reveille/contracts';
import { verifyProof } from '@reveille/service-kit/keys';

/** A challenge for one handshake, never used again: a proof that was seen once proves nothing later. */
export function newChallenge(): string {
  return randomBytes(32).toString('base64url');
}

/** Why the handshake does not prove that this generation answered, in words for the log; undefined when it does. */
export function unprovenBecause(
  record: Pick<LedgerRecord, 'instance' | 'generation' | 'publicKey'>,
  handshake: { challenge: string; session: string; proof: string | string[] | undefined },
): string | undefined {
  const { challenge: nonce, session, proof } = handshake;
  if (record.publicKey === undefined) return 'the ledger holds no public key of this generation';
  if (proof === undefined || proof === '') return 'the handshake carried no proof';
  if (typeof proof !== 'string') return 'the handshake carried several proofs';
  const text = proofText({ nonce, instance: record.instance, generation: record.generation, session });
  return verifyProof(record.publicKey, text, proof)
    ? undefined
    : 'the proof is not of this generation, challenge and session';
}

/**
 * May frames of this generation still pass, as far as the newest known record says? A generation that is being replaced keeps its
 * sessions until they end or its time is over; every other stop, loss or newer generation ends them.
 */
export function mayServe(generation: number, newest: LedgerRecord | undefined): boolean {
  if (newest === undefined) return true;
  const { draining } = newest;
  if (draining?.generation === generation) return newest.state === 'ready' && !draining.over;
  if (newest.generation !== generation) return false;
  return newest.state === 'ready' || (newest.state === 'stopping' && newest.stopReason === 'replaced');
}

/** May a session begin on this generation? One that is being replaced keeps what it has, and gets nothing new. */
export function mayBegin(generation: number, newest: LedgerRecord | undefined): boolean {
  return mayServe(generation, newest) && (newest === undefined || newest.generation === generation);
}
