import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { installDebianPackage } from './debian.mjs';
import { onPath } from './on-path.mjs';
import { say, SetupRefused } from './run.mjs';

const SERVERS = ['redis-server', 'valkey-server'];
/** BullMQ's Relay needs 6.2. Keep in step with packages/broker/src/server/find.ts, which finds the server at run time. */
const MINIMUM = [6, 2];

/** Makes sure that a Redis or Valkey server that is new enough can be started from PATH. */
export function ensureRedis() {
  if (SERVERS.some(isUsable)) return;
  const lacking = 'no redis-server or valkey-server (6.2 or newer) on PATH';
  if (process.getuid?.() === 0 && existsSync('/etc/debian_version') && onPath('apt-get')) {
    say(`${lacking}: installing Debian's package redis-server with apt-get; its system service stays off ...`);
    installDebianPackage('redis-server');
    if (SERVERS.some(isUsable)) return;
    throw new SetupRefused(`the package redis-server of this system is older than 6.2.\n${advice()}`);
  }
  throw new SetupRefused(`${lacking}.\n${advice()}`);
}

function isUsable(name) {
  const path = onPath(name);
  if (!path) return false;
  const { stdout } = spawnSync(path, ['--version'], { encoding: 'utf8' });
  const version = /\bv=(\d+)\.(\d+)/.exec(stdout ?? '');
  if (!version) return false;
  const [major, minor] = [Number(version[1]), Number(version[2])];
  return major > MINIMUM[0] || (major === MINIMUM[0] && minor >= MINIMUM[1]);
}

function advice() {
  return [
    'Install one:',
    '  Debian, Ubuntu   sudo apt-get install redis-server',
    '  Fedora, RHEL     sudo dnf install valkey',
    '  Alpine           sudo apk add redis',
    '  Arch             sudo pacman -S valkey',
    '  macOS            brew install redis',
    'or, for `npm start`, name a running server: REDIS_URL=redis://host:6379 npm start',
  ].join('\n');
}
