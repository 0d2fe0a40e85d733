import { access, constants } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { CatalogError, readCatalog } from '@reveille/catalog';
import { edgeConfig } from '@reveille/edge';
import { initializerConfig } from '@reveille/initializer';
import { ConfigError } from '@reveille/lifecycle';
import { relayConfig } from '@reveille/relay';
import type { CliContext } from '../cli/context.ts';
import { exitCodes } from '../cli/exit-code.ts';
import { findCatalog } from '../dev/find-dev.ts';
import { devSettings } from '../dev/settings.ts';
import { findLedger } from '../ledger/open-ledger.ts';
import { openAdmin } from '../operate/admin-client.ts';
import { fault, type Finding, findingText, ok } from './finding.ts';
import { lookAtRedis, lookOverAdmin, type RedisLook } from './look-at-redis.ts';

export type DoctorOptions = {
  /** Default: that of a running `dev`, else the one of this folder. */
  readonly catalog?: string;
  readonly port: number;
  readonly redis?: string;
  /** Address of an admin API: the deployment behind it is looked at, and not this machine. */
  readonly admin?: string;
  readonly token?: string;
  readonly json: boolean;
};

/**
 * Looks at what Reveille needs on this machine and at its Redis, or at a deployment over its admin API: all of it, and says what is
 * wrong or dangerous. Starts nothing.
 * Exit 0 when there are warnings at most, 1 with faults, 3 when Redis is unreachable.
 */
export async function runDoctor(options: DoctorOptions, context: CliContext): Promise<number> {
  const { terminal } = context;
  const { findings, isAbsent } =
    options.admin === undefined ? await lookHere(options, context) : await lookThere(options, context);
  const isWell = findings.every(({ level }) => level !== 'fault');
  if (options.json) terminal.out(`${JSON.stringify({ ok: isWell, findings }, undefined, 2)}\n`);
  else {
    const colours = terminal.outIsTty && terminal.colours;
    terminal.out(`${findings.map((finding) => findingText(finding, colours)).join('\n')}\n`);
  }
  if (isAbsent) return exitCodes.unreachable;
  return isWell ? exitCodes.done : exitCodes.failed;
}

async function lookHere(options: DoctorOptions, context: CliContext): Promise<RedisLook> {
  const { findings, isAbsent } = await lookAtRedis(await findLedger(options, context), context.env);
  const file = await findCatalog(options, context.cwd);
  const own = [await catalog(file), await dataFolder(file), settings({ ...options, catalog: file }, context.env)];
  return { findings: [nodeVersion(), ...findings, ...own], isAbsent };
}

async function lookThere(options: DoctorOptions, context: CliContext): Promise<RedisLook> {
  return { findings: await lookOverAdmin(await openAdmin(options, context)), isAbsent: false };
}

/** It runs, so it is new enough: `bin/reveille.js` refuses older ones. */
function nodeVersion(): Finding {
  return ok('Node.js', `${process.version} (${process.execPath})`);
}

async function catalog(file: string): Promise<Finding> {
  const what = 'Catalog';
  try {
    const { catalog: read } = await readCatalog(file);
    return ok(what, `${file}, ${Object.keys(read.services).length} services`);
  } catch (error) {
    if (error instanceof CatalogError) return fault(what, error.report);
    throw error;
  }
}

async function dataFolder(file: string): Promise<Finding> {
  const folder = dirname(resolve(file));
  const what = 'Data folder';
  return access(folder, constants.W_OK).then(
    () => ok(what, `${join(folder, '.reveille')} can be written`),
    (error: Error) => fault(what, `${folder} cannot be written: ${error.message}`),
  );
}

/** The settings of the three deployables as `dev` would give them; Redis is judged on its own. */
function settings(options: DoctorOptions & { catalog: string }, env: NodeJS.ProcessEnv): Finding {
  const what = 'Settings';
  const redisUrl = options.redis ?? (env['REDIS_URL'] || 'redis://127.0.0.1');
  const given = devSettings(env, { ...options, log: 'pretty' }, { redisUrl, page: false });
  const reports = [edgeConfig, initializerConfig, relayConfig].flatMap((read) => {
    try {
      read(given);
      return [];
    } catch (error) {
      if (error instanceof ConfigError) return [error.report];
      throw error;
    }
  });
  if (reports.length > 0) return fault(what, [...new Set(reports)].join('\n'));
  return ok(what, `complete (${given['REVEILLE_AUTH'] === 'none' ? 'no login, loopback only' : 'login by token'})`);
}
