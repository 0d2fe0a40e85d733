import { access, constants } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { checkRedis, redisAccessOf } from '@reveille/broker';
import { findRedisServer } from '@reveille/broker/server';
import { CatalogError, readCatalog } from '@reveille/catalog';
import { edgeConfig } from '@reveille/edge';
import { initializerConfig } from '@reveille/initializer';
import { ConfigError } from '@reveille/lifecycle';
import { relayConfig } from '@reveille/relay';
import type { CliContext } from '../cli/context.ts';
import { exitCodes } from '../cli/exit-code.ts';
import { devSettings } from '../dev/settings.ts';
import { styleFor } from '../render/style.ts';

/** One thing that was looked at. `fault` says what is wrong and what mends it. */
export type Finding = { what: string } & ({ ok: true; found: string } | { ok: false; fault: string });

export type DoctorOptions = {
  readonly catalog: string;
  readonly port: number;
  readonly redis?: string;
  readonly json: boolean;
};

/** Looks at what `dev` needs on this machine, all of it, and says what is wrong. Starts nothing. Exit 2 when something is. */
export async function runDoctor(options: DoctorOptions, { terminal, env }: CliContext): Promise<number> {
  const findings = [
    nodeVersion(),
    await redis(options.redis ?? (env['REDIS_URL'] || undefined), env),
    await catalog(options.catalog),
    await dataFolder(options.catalog),
    settings(options, env),
  ];
  const isWell = findings.every(({ ok }) => ok);
  if (options.json) terminal.out(`${JSON.stringify({ ok: isWell, findings }, undefined, 2)}\n`);
  else
    terminal.out(
      `${findings.map((finding) => findingText(finding, terminal.outIsTty && terminal.colours)).join('\n')}\n`,
    );
  return isWell ? exitCodes.done : exitCodes.usage;
}

function findingText(finding: Finding, colours: boolean): string {
  const style = styleFor(colours);
  const mark = finding.ok ? style.green('✔') : style.red('✖');
  const words = (finding.ok ? finding.found : finding.fault).split('\n').join('\n    ');
  return `${mark} ${finding.what}: ${words}`;
}

/** It runs, so it is new enough: `bin/reveille.js` refuses older ones. */
function nodeVersion(): Finding {
  return { what: 'Node.js', ok: true, found: `${process.version} (${process.execPath})` };
}

async function redis(given: string | undefined, env: NodeJS.ProcessEnv): Promise<Finding> {
  const what = 'Redis';
  if (given === undefined) {
    const program = findRedisServer(env);
    return program === undefined
      ? {
          what,
          ok: false,
          fault: 'REDIS_URL is not set, and no redis-server or valkey-server (6.2 or newer) is on PATH',
        }
      : { what, ok: true, found: `${program.path} ${program.version}, to be started by dev` };
  }
  const faults = await checkRedis(given, redisAccessOf(env, given));
  return faults.length === 0
    ? { what, ok: true, found: 'that of REDIS_URL answers, is new enough and evicts nothing' }
    : { what, ok: false, fault: faults.map(({ message }) => message).join('\n') };
}

async function catalog(file: string): Promise<Finding> {
  const what = 'Catalog';
  try {
    const { catalog: read } = await readCatalog(file);
    return { what, ok: true, found: `${file}, ${Object.keys(read.services).length} services` };
  } catch (error) {
    if (error instanceof CatalogError) return { what, ok: false, fault: error.report };
    throw error;
  }
}

async function dataFolder(file: string): Promise<Finding> {
  const folder = dirname(resolve(file));
  const what = 'Data folder';
  return access(folder, constants.W_OK).then(
    (): Finding => ({ what, ok: true, found: `${join(folder, '.reveille')} can be written` }),
    (error: Error): Finding => ({ what, ok: false, fault: `${folder} cannot be written: ${error.message}` }),
  );
}

/** The settings of the three deployables as `dev` would give them; Redis is judged on its own. */
function settings(options: DoctorOptions, env: NodeJS.ProcessEnv): Finding {
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
  return reports.length === 0
    ? {
        what,
        ok: true,
        found: `complete (${given['REVEILLE_AUTH'] === 'none' ? 'no login, loopback only' : 'login by token'})`,
      }
    : { what, ok: false, fault: [...new Set(reports)].join('\n') };
}
