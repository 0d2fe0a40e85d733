import { z } from 'zod';
import { phase } from './failure.ts';

/** What a service posts to `REVEILLE_REPORT_URL` while it starts. `endpoint` is for services with `endpoint: {port: reported}`. */
export const serviceReport = z.union([
  z.object({ ready: z.literal(true), endpoint: z.url().optional() }),
  z.object({ phase, detail: z.string().max(500).optional(), percent: z.number().min(0).max(100).optional() }),
]);
export type ServiceReport = z.infer<typeof serviceReport>;
