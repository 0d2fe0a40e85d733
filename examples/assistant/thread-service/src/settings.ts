import { z } from 'zod';
import type { DatabaseSettings } from './database/open-database.ts';

const schema = z.object({
  DATABASE_URL: z
    .url({
      protocol: /^postgres(?:ql)?$/,
      hostname: /.*/,
      error: 'expected postgres://user:password@host:port/database',
    })
    .optional(),
  THREAD_DATA_DIR: z.string().default('.reveille/threads'),
  THREAD_EXPIRY_DAYS: z.coerce.number().int().min(1).max(3650).default(30),
});

export interface Settings {
  database: DatabaseSettings;
  /** Days without use after which a thread is removed. */
  expiryDays: number;
}

/** Reads the settings, or says every one that is wrong. Empty ones count as absent. */
export function readSettings(env: NodeJS.ProcessEnv): { settings: Settings } | { faults: string } {
  const given = Object.fromEntries(Object.keys(schema.shape).map((name) => [name, env[name] || undefined]));
  const parsed = schema.safeParse(given);
  if (!parsed.success) return { faults: z.prettifyError(parsed.error) };
  const { DATABASE_URL: url, THREAD_DATA_DIR: dataDir, THREAD_EXPIRY_DAYS: expiryDays } = parsed.data;
  return { settings: { database: { dataDir, ...(url === undefined ? {} : { url: new URL(url) }) }, expiryDays } };
}
