import { z } from 'zod';

/** An event of a run. The bridge reads what it needs to pass it on; the rest stays as it came. */
export const runEvent = z
  .object({ type: z.string(), run: z.string(), n: z.int().positive(), at: z.number() })
  .catchall(z.json());
export type RunEvent = z.infer<typeof runEvent>;

/** After such an event a run says nothing more. */
export function isLast({ type }: Pick<RunEvent, 'type'>): boolean {
  return type === 'agent_completed' || type === 'agent_failed';
}

/** Why a message has no answer: as the supervisor says it, or as the bridge saw it. */
export const refusal = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    advice: z.string(),
    expected: z.string().optional(),
    found: z.string().optional(),
  }),
});
export type Refusal = z.infer<typeof refusal>['error'];
