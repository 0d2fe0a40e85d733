import { z } from 'zod';

/** Why an edge answers a request with HTTP instead of a WebSocket: what a client cannot be told by a close code. */
export const edgeRefusals = {
  notFound: { status: 404, error: 'not found' },
  nothingUpgraded: { status: 404, error: 'nothing is upgraded here' },
  upgradeExpected: { status: 426, error: 'a WebSocket upgrade is expected here' },
  tooManyHandshakes: { status: 429, error: 'too many handshakes from this address' },
  tooManyConnections: { status: 429, error: 'too many connections from this address' },
  draining: { status: 503, error: 'this edge is going away' },
} as const satisfies Record<string, { status: number; error: string }>;
export type EdgeRefusal = (typeof edgeRefusals)[keyof typeof edgeRefusals];

/** The body of a refusal. */
export const edgeErrorBody = z.object({ error: z.string() });

/** What the page has to know before it connects; `page.json` beside it. */
export const pageDescription = z.object({
  entrypoints: z.array(
    z.object({
      name: z.string(),
      /** Its name as people read it. */
      title: z.string(),
      /** Who answers there; `name` as people read it. */
      service: z.object({ service: z.string(), name: z.string() }),
      /** Markdown. */
      about: z.string().optional(),
      /** What one could send. */
      samples: z.array(z.object({ title: z.string(), text: z.string() })),
      /** Can an answer be ended? */
      cancel: z.boolean(),
    }),
  ),
  /** `none`: development, everybody is whom he says he is. `token`: the page asks for a token. */
  auth: z.enum(['none', 'token']),
});
export type PageDescription = z.infer<typeof pageDescription>;

/** The body of `/readyz`. */
export const readiness = z.object({
  status: z.enum(['ready', 'unready', 'draining']),
  failing: z.array(z.object({ name: z.string(), reason: z.string() })),
});

/** The body of `/livez`, and of what the health server refuses. */
export const healthStatus = z.object({ status: z.string(), reason: z.string().optional() });
