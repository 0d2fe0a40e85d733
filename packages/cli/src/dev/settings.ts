import { createHash, randomBytes } from 'node:crypto';
import { delimiter, dirname } from 'node:path';

/** What the command line says about a `dev`. */
export interface DevOptions {
  readonly catalog: string;
  readonly port: number;
  readonly host?: string;
  readonly redis?: string;
  readonly data?: string;
  readonly log: 'pretty' | 'json';
}

/**
 * The environment of the three deployables in one process: what the user has set, the command line before it, and secrets for this run
 * where none are given. HOST is taken from the command line alone, since some shells export one of their own.
 */
export function devSettings(
  env: NodeJS.ProcessEnv,
  options: DevOptions,
  { redisUrl, page, namespace }: { redisUrl: string; page: boolean; namespace?: string },
): NodeJS.ProcessEnv {
  return {
    ...env,
    REDIS_URL: redisUrl,
    REVEILLE_NAMESPACE: env['REVEILLE_NAMESPACE'] || namespace,
    REVEILLE_CATALOG: options.catalog,
    REVEILLE_AUTH: env['REVEILLE_AUTH'] || 'none',
    REVEILLE_ROOT_SECRET: env['REVEILLE_ROOT_SECRET'] || randomBytes(32).toString('base64url'),
    REVEILLE_EDGE_SIGNING_KEY: env['REVEILLE_EDGE_SIGNING_KEY'] || randomBytes(32).toString('base64url'),
    REVEILLE_HEALTH_ON_USER_PORT: 'true',
    // For this machine alone, whatever the edge listens on: who may read the run file may operate this run.
    REVEILLE_ADMIN_HOST: '127.0.0.1',
    REVEILLE_ADMIN_PORT: env['REVEILLE_ADMIN_PORT'] || '0',
    REVEILLE_ADMIN_TOKEN: env['REVEILLE_ADMIN_TOKEN'] || randomBytes(32).toString('base64url'),
    REVEILLE_PAGE: env['REVEILLE_PAGE'] || String(page),
    HOST: options.host,
    PORT: String(options.port),
  };
}

/**
 * Of a `dev` with a Redis of its own. What runs on a machine is known by its namespace, so each data folder has another: the services of
 * one product are no leftovers of the next.
 */
export function ownNamespace(dataFolder: string): string {
  return `dev-${createHash('sha256').update(dataFolder).digest('hex').slice(0, 16)}`;
}

/** `node` in a catalog is the Node that this program runs on, whatever else the machine has. */
export function withOwnNode(path: string | undefined): string {
  const own = dirname(process.execPath);
  const parts = (path ?? '').split(delimiter).filter((part) => part !== '');
  return parts[0] === own ? parts.join(delimiter) : [own, ...parts].join(delimiter);
}
