import { z } from 'zod';

/** Client → edge. Unknown fields are ignored. */
export const clientFrame = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('hello'),
    token: z.string().max(16_384).optional(),
    /** Only with `REVEILLE_AUTH=none`. */
    as: z.object({ user: z.string().min(1).max(256), tenant: z.string().min(1).max(256).optional() }).optional(),
    client: z.object({ name: z.string().max(64), version: z.string().max(64) }),
    resume: z
      .object({
        session: z.string().max(64),
        key: z.string().max(128),
        lastSeq: z.number().int().nonnegative(),
        /** Ids that its client was told are accepted, oldest first, and has neither an answer to nor a word that there may be none. */
        unanswered: z.array(z.string().min(1).max(64)).max(256).optional(),
      })
      .optional(),
  }),
  z.object({ type: z.literal('send'), id: z.string().min(1).max(64), data: z.json() }),
  z.object({ type: z.literal('received'), seq: z.number().int().nonnegative() }),
  z.object({ type: z.literal('retry') }),
  z.object({ type: z.literal('cancel') }),
  z.object({ type: z.literal('refresh'), token: z.string().max(16_384) }),
  z.object({ type: z.literal('pong') }),
]);
export type ClientFrame = z.infer<typeof clientFrame>;
export type Hello = Extract<ClientFrame, { type: 'hello' }>;
export const clientFrameTypes = ['hello', 'send', 'received', 'retry', 'cancel', 'refresh', 'pong'] as const;
