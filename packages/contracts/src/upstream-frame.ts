import { z } from 'zod';

/** Edge → service on `reveille.upstream.v1`. */
export const upstreamCommand = z.discriminatedUnion('type', [
  z.object({ type: z.literal('deliver'), id: z.string().min(1).max(64), data: z.json() }),
  z.object({ type: z.literal('stored'), n: z.number().int().positive() }),
]);
export type UpstreamCommand = z.infer<typeof upstreamCommand>;

/**
 * Service → edge. `n` is contiguous per session from 1; `re` names the message that this answers; `final`: no more for `re`. `lost`: it was
 * taken before the service gave the session up and began it anew, so that what was said of it then may never be heard.
 */
export const upstreamEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('taken'), id: z.string().min(1).max(64), lost: z.literal(true).optional() }),
  z.object({
    type: z.literal('emit'),
    n: z.number().int().positive(),
    re: z.string().max(64).optional(),
    final: z.boolean().optional(),
    data: z.json(),
  }),
]);
export type UpstreamEvent = z.infer<typeof upstreamEvent>;

/** Headers of the upstream handshake. */
export const upstreamHeaders = {
  session: 'x-reveille-session',
  user: 'x-reveille-user',
  tenant: 'x-reveille-tenant',
  generation: 'x-reveille-generation',
  challenge: 'x-reveille-challenge',
  proof: 'x-reveille-proof',
  stored: 'x-reveille-stored',
  /** In the answer of a service to which the session is new: `new`. */
  known: 'x-reveille-known',
} as const;

/**
 * A user or tenant id as the value of a header: percent-encoded UTF-8, since ids may hold what headers cannot. The ids of the
 * assertion are plain; a service trusts those and compares the headers with them.
 */
export function upstreamHeaderValue(id: string): string {
  return encodeURIComponent(id.toWellFormed());
}

/** The text that a service signs with its instance key to prove itself. */
export function proofText(of: { nonce: string; instance: string; generation: number; session: string }): string {
  return `${of.nonce}.${of.instance}.${of.generation}.${of.session}`;
}
