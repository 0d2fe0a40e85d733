import { join, resolve } from 'node:path';
import { readCatalog } from '@reveille/catalog';
import { runProcess } from '@reveille/lifecycle';
import { pageFiles, PageNotBuilt } from '@reveille/page';
import { relayConfig } from '@reveille/relay';
import type { Logger } from '@reveille/telemetry';
import type { CliContext } from '../cli/context.ts';
import { refusalOf } from '../cli/refusal.ts';
import { prettyLog } from '../log/pretty-log.ts';
import { banner } from './banner.ts';
import { dataFolderName, openDataFolder } from './data-folder.ts';
import { startDeployment } from './deployment.ts';
import { provideRedis } from './redis.ts';
import { readRunFile, removeRunFile, writeRunFile } from './run-file.ts';
import { settleFormerRun } from './settle-former-run.ts';
import { type DevOptions, devSettings, ownNamespace, withOwnNode } from './settings.ts';

/**
 * Everything in one process, until Ctrl-C. Resolves with the exit status; the process is on its way out by then.
 */
export function runDev(options: DevOptions, { terminal, env }: CliContext): Promise<number> {
  return runProcess('reveille', async ({ scope, signal, health, fail }) => {
    try {
      const loaded = await readCatalog(options.catalog);
      const folder = scope.use(await openDataFolder(resolve(options.data ?? join(loaded.dir, dataFolderName))), 'data');
      // It is removed at an orderly end.
      const former = await readRunFile(folder.path);
      const given = options.redis ?? (env['REDIS_URL'] || undefined);
      const redis = scope.use(await provideRedis({ given, env, folder: folder.path, signal }), 'Redis');
      // Should it end before us, nothing here can work any more.
      void redis.exited?.then(() => signal.aborted || fail(new Error('the Redis server of this run has ended')));

      process.env['PATH'] = withOwnNode(process.env['PATH']);
      const page = await isPageBuilt();
      const own = redis.pid === undefined ? {} : { namespace: ownNamespace(folder.path) };
      const settings = devSettings(env, options, { redisUrl: redis.url, page, ...own });
      const log = options.log === 'json' ? { write: terminal.err } : prettyLog(terminal);
      const beforeEdge = async (owner: string, logger: Logger): Promise<void> => {
        if (former === undefined || redis.pid === undefined) return;
        logger.warn('the last run was not ended in good order; looking for what it left');
        const { namespace } = relayConfig(settings);
        const left = await settleFormerRun({ redisUrl: redis.url, namespace, owner, signal });
        if (left.length > 0) logger.error({ instances: left }, 'these are still claimed by the last run');
      };
      const parts = { settings, log, scope, health, signal, fail, beforeEdge };
      const { url, namespace, adminUrl } = await startDeployment(parts);
      const adminToken = settings['REVEILLE_ADMIN_TOKEN'];

      scope.defer(() => removeRunFile(folder.path), 'run file');
      await writeRunFile(folder.path, {
        pid: process.pid,
        catalog: options.catalog,
        url,
        namespace,
        ...(adminUrl === undefined || adminToken === undefined ? {} : { adminUrl, adminToken }),
        ...(/@/.test(redis.url) ? {} : { redisUrl: redis.url }),
        ...(redis.pid === undefined ? {} : { redisPid: redis.pid }),
      });
      const open = settings['REVEILLE_AUTH'] === 'none';
      const { catalog } = loaded;
      terminal.out(`\n${banner({ url, catalog, file: options.catalog, redis: redis.words, page, open })}\n`);
    } catch (error) {
      throw refusalOf(error);
    }
  });
}

/** `npm start` builds the page; a `dev` of its own does without one that is not there, and says so. */
async function isPageBuilt(): Promise<boolean> {
  try {
    await pageFiles();
    return true;
  } catch (error) {
    if (error instanceof PageNotBuilt) return false;
    throw error;
  }
}
