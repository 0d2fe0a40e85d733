import { z } from 'zod';
import { forbidRule, requireRule } from './content-rule.ts';
import { entrypointName, scopeKind, serviceName } from './ids.ts';
import { httpProbe, liveProbe, readyProbe } from './probe.ts';
import { secretSources } from './secret.ts';
import { start } from './start.ts';

const ms = z.number().int().min(1).max(86_400_000);
const count = z.number().int().min(1).max(1_000_000);

/** A plain name stands for `{service: name, onChange: restart}`. */
const dependency = z.union([
  serviceName.transform((service) => ({ service, onChange: 'restart' as const })),
  z.strictObject({ service: serviceName, onChange: z.enum(['restart', 'keep']).default('restart') }),
]);
export type Dependency = z.infer<typeof dependency>;

/** One service: how to start it, how to know that it is ready, what it needs. Defaults are those of `docs/catalog.md`. */
export const service = z.strictObject({
  name: z.string().min(1).max(100).optional(),
  scope: scopeKind.default('global'),
  dependsOn: z.array(dependency).default([]),
  start,
  secrets: secretSources.optional(),
  endpoint: z
    .strictObject({
      port: z.union([z.literal('auto'), z.literal('reported'), z.number().int().min(1).max(65535)]).default('auto'),
      path: z.string().regex(/^\//, 'a path that begins with "/"').default('/'),
      scheme: z.enum(['http', 'https']).default('http'),
    })
    .prefault({}),
  ready: readyProbe.prefault({ tcp: {} }),
  live: liveProbe.optional(),
  deadlineMs: ms.default(30_000),
  retry: z
    .strictObject({
      attempts: z.number().int().min(1).max(100).default(3),
      backoffMs: ms.default(200),
      maxBackoffMs: ms.default(5000),
    })
    .prefault({}),
  cooldownMs: ms.default(15_000),
  update: z.enum(['rolling', 'idle', 'manual']).default('idle'),
  drainMs: ms.default(60_000),
  replaceable: z.boolean().default(false),
  idle: z
    .strictObject({
      stopAfterMs: ms.optional(),
      quietAfterMs: ms.optional(),
      veto: z.strictObject({ http: httpProbe }).optional(),
    })
    .prefault({}),
  stop: z.strictObject({ graceMs: ms.default(10_000) }).prefault({}),
  limits: z.strictObject({ instances: count.optional() }).prefault({}),
});
export type Service = z.infer<typeof service>;

/** A message to begin with, under a title. A plain text is both. */
const pageSample = z.union([
  z
    .string()
    .min(1)
    .max(200)
    .transform((text) => ({ title: text, text })),
  z.strictObject({ title: z.string().min(1).max(200), text: z.string().min(1).max(4000) }),
]);

/** What the page offers beside the conversation. Absent, and not defaults, where nothing is said: digests stay what they were. */
const entrypointPage = z.strictObject({
  /** Markdown: what the service does and what it is to be given. */
  about: z.string().min(1).max(2000).optional(),
  samples: z.array(pageSample).max(12).default([]),
  /** Does the service end an answer when it is sent `{"cancel": "<id of the message>"}`? */
  cancel: z.boolean().default(false),
});

export const entrypoint = z.strictObject({
  service: serviceName,
  upstream: z
    .strictObject({ websocket: z.strictObject({ path: z.string().regex(/^\//).default('/') }).prefault({}) })
    .prefault({}),
  /** `json`: frames are JSON (content rules need that). `text`: frames pass as strings. */
  frames: z.enum(['json', 'text']).default('json'),
  deadlineMs: ms.default(30_000),
  provenance: z.enum(['required', 'endpoint']).default('required'),
  allowedOrigins: z.array(z.string()).optional(),
  logTailFor: z.array(z.string()).default([]),
  limits: z
    .strictObject({
      connectionsPerUser: count.default(3),
      heldMessages: count.default(64),
      heldBytes: z.number().int().min(1).default(262_144),
      messageBytes: z.number().int().min(1).max(134_217_728).default(65_536),
      messagesPerSecond: count.default(20),
    })
    .prefault({}),
  resume: z
    .strictObject({
      /** 0: nothing is kept, and no session is resumed. */
      windowMs: z.number().int().min(0).max(86_400_000).default(120_000),
      messages: count.default(256),
      bytes: z.number().int().min(1).default(4_194_304),
    })
    .prefault({}),
  page: entrypointPage.optional(),
  authenticity: z
    .strictObject({ forbid: z.array(forbidRule).default([]), require: z.array(requireRule).default([]) })
    .prefault({}),
});
export type Entrypoint = z.infer<typeof entrypoint>;

/** The declared services and entrypoints of a deployment, defaults filled in. Rules between fields are `checkCatalog` of orchestration. */
export const catalog = z.strictObject({
  version: z.literal(1),
  services: z.record(serviceName, service),
  entrypoints: z.record(entrypointName, entrypoint),
});
export type Catalog = z.infer<typeof catalog>;
/** The catalog as people write it, before defaults. */
export type CatalogInput = z.input<typeof catalog>;

/** What users read: `name`, else the key with `_` and `-` as spaces and a capital first letter. */
export function displayName(key: string, of: Pick<Service, 'name'>): string {
  if (of.name !== undefined) return of.name;
  const words = key.replaceAll(/[_-]+/g, ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
