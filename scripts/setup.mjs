/**
 * Makes a fresh clone able to run: dependencies, a Redis server, the built page, and for tests a browser and
 * promtool.
 *
 * Plain JavaScript without dependencies, because it is run by whatever Node the machine has, before the project's own
 * Node (the npm package `node`) is there. When everything is in place it says nothing and takes a few milliseconds.
 *
 * Usage: node scripts/setup.mjs [start|test]. For `start` a server named by REDIS_URL will do; tests use their own.
 */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureBrowser } from './setup/browser.mjs';
import { ensureDependencies } from './setup/dependencies.mjs';
import { ensurePage } from './setup/page.mjs';
import { ensurePromtool } from './setup/promtool.mjs';
import { ensureRedis } from './setup/redis.mjs';
import { SetupRefused } from './setup/run.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const purpose = process.argv[2] ?? 'test';

try {
  ensureDependencies(root);
  if (!(purpose === 'start' && process.env.REDIS_URL)) ensureRedis();
  ensurePage(root);
  if (purpose === 'test') {
    ensureBrowser();
    ensurePromtool();
  }
} catch (error) {
  if (!(error instanceof SetupRefused)) throw error;
  process.stderr.write(`reveille setup: ${error.message}\n`);
  process.exitCode = 2;
}
