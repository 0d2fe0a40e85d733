import { z } from 'zod';

const name = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,47}$/, 'a lower-case letter, then at most 47 lower-case letters, digits, "_" or "-"');
/** A service's name in the catalog. */
export const serviceName = name.brand<'ServiceName'>();
export type ServiceName = z.infer<typeof serviceName>;

export const entrypointName = name.brand<'EntrypointName'>();
export type EntrypointName = z.infer<typeof entrypointName>;

/** What a running copy of a service belongs to, widest first. */
export const scopeKind = z.enum(['global', 'tenant', 'user']);
export type ScopeKind = z.infer<typeof scopeKind>;

/** `global`, or 26 characters of lower-case base32 (RFC 4648): see {@link scopeKeyOf}. */
export const scopeKey = z
  .string()
  .regex(/^(global|[a-z2-7]{26})$/, '"global" or 26 characters of base32')
  .brand<'ScopeKey'>();
export type ScopeKey = z.infer<typeof scopeKey>;

/** `{service}~{scopeKey}`: the only form of an instance in Redis keys, job ids, topics, container and pod names. */
export const instanceKey = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,47}~(global|[a-z2-7]{26})$/, '{service}~{scopeKey}')
  .brand<'InstanceKey'>();
export type InstanceKey = z.infer<typeof instanceKey>;

/** One run of an instance from cold to its end: microseconds of Redis TIME, always rising for an instance. 0 = never run. */
export const generation = z.number().int().nonnegative();
/** Fencing number of a claim, minted like a generation. 0 = never claimed. */
export const epoch = z.number().int().nonnegative();

/** W3C trace context, version 00. */
export const traceparent = z.string().regex(/^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/);

/** Whose instance: raw ids are fields of records, never parts of names. */
export const scope = z.object({
  kind: scopeKind,
  tenant: z.string().max(256).optional(),
  user: z.string().max(256).optional(),
});
export type Scope = z.infer<typeof scope>;

/** The user of a session, as authenticated. */
export type Principal = { user: string; tenant?: string | undefined; roles: readonly string[] };

/** Scope keys of one user: what a plan needs to name its instances. `tenant` is absent for a user without tenant. */
export type ScopeKeys = { global: ScopeKey; tenant?: ScopeKey; user: ScopeKey };

export const globalScopeKey = 'global' as ScopeKey;

export function instanceKeyOf(service: ServiceName, key: ScopeKey): InstanceKey {
  return `${service}~${key}` as InstanceKey;
}

export function parseInstanceKey(key: InstanceKey): { service: ServiceName; scopeKey: ScopeKey } {
  const cut = key.indexOf('~');
  return { service: key.slice(0, cut) as ServiceName, scopeKey: key.slice(cut + 1) as ScopeKey };
}

/**
 * The key of a scope: `global`, or the first 26 characters of base32(sha256(JSON [kind, tenant, user])), 130 bits.
 * JSON keeps the parts apart, so that ("a", "bc") and ("ab", "c") differ.
 */
export async function scopeKeyOf(of: Scope): Promise<ScopeKey> {
  if (of.kind === 'global') return globalScopeKey;
  const parts = [of.kind, of.tenant ?? null, of.kind === 'user' ? (of.user ?? null) : null];
  return base32(await sha256(JSON.stringify(parts))).slice(0, 26) as ScopeKey;
}

/** All scope keys of a user at once. */
export async function scopeKeysOf(who: { user: string; tenant?: string | undefined }): Promise<ScopeKeys> {
  const [tenant, user] = await Promise.all([
    who.tenant === undefined ? undefined : scopeKeyOf({ kind: 'tenant', tenant: who.tenant }),
    scopeKeyOf({ kind: 'user', ...who }),
  ]);
  return { global: globalScopeKey, user, ...(tenant === undefined ? {} : { tenant }) };
}

type NodeCrypto = { hash(algorithm: 'sha256', text: string, encoding: 'buffer'): Uint8Array };
type NodeProcess = { getBuiltinModule?(name: 'node:crypto'): NodeCrypto };

/** By Node itself where it is there: Web Crypto, which browsers have too, goes through a thread and back for each digest. */
const nodeCrypto = (globalThis as { process?: NodeProcess }).process?.getBuiltinModule?.('node:crypto');

async function sha256(text: string): Promise<Uint8Array> {
  if (nodeCrypto !== undefined) return nodeCrypto.hash('sha256', text, 'buffer');
  return new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
}

function base32(bytes: Uint8Array): string {
  const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';
  let out = '';
  let bits = 0;
  let value = 0;
  for (const byte of bytes) {
    value = ((value << 8) | byte) & 0xffff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      out += alphabet.charAt((value >>> bits) & 31);
    }
  }
  return bits > 0 ? out + alphabet.charAt((value << (5 - bits)) & 31) : out;
}
