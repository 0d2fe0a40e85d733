import { z } from 'zod';

const ms = z.number().int().min(1).max(86_400_000);
const httpPath = z.string().regex(/^\//, 'a path that begins with "/"');

export const httpProbe = z.strictObject({
  path: httpPath,
  status: z.number().int().min(100).max(599).optional(),
  timeoutMs: ms.optional(),
});

/** How to look, once. Exactly one of the five. */
const ways = {
  http: httpProbe.optional(),
  tcp: z.strictObject({ port: z.number().int().min(1).max(65535).optional() }).optional(),
  exec: z.strictObject({ command: z.array(z.string().min(1)).min(1) }).optional(),
  log: z.strictObject({ pattern: z.string().min(1) }).optional(),
  reported: z.literal(true).optional(),
};
export const probeWays = ['http', 'tcp', 'exec', 'log', 'reported'] as const;

function exactlyOne(value: Record<string, unknown>, context: z.RefinementCtx): void {
  const given = probeWays.filter((way) => value[way] !== undefined);
  if (given.length === 1) return;
  const found = given.length === 0 ? 'none' : given.join(' and ');
  context.addIssue({ code: 'custom', message: `exactly one of ${probeWays.join(', ')} is expected, found ${found}` });
}

/** When a service counts as ready. All durations in milliseconds. */
export const readyProbe = z
  .strictObject({
    ...ways,
    everyMs: ms.default(25),
    timeoutMs: ms.default(1000),
    settleMs: z.number().int().min(0).max(600_000).default(0),
  })
  .superRefine(exactlyOne);
export type ReadyProbe = z.infer<typeof readyProbe>;

/** Whether a ready service still lives: lost after `failures` failed looks in a row. */
export const liveProbe = z
  .strictObject({
    ...ways,
    everyMs: ms.default(5000),
    timeoutMs: ms.default(1000),
    failures: z.number().int().min(1).max(100).default(3),
  })
  .superRefine(exactlyOne);
export type LiveProbe = z.infer<typeof liveProbe>;
