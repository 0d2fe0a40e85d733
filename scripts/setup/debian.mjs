import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { run } from './run.mjs';

const POLICY = '/usr/sbin/policy-rc.d';
const SAVED = `${POLICY}.before-reveille-setup`;
/** Debian's own way to forbid that installing a package starts its service: exit status 101 means "not allowed". */
const FORBID =
  '#!/bin/sh\n# Placed by the setup of Reveille for the time of one installation; safe to delete.\nexit 101\n';

/** Installs a package whose programs are wanted, without its service: neither started now nor at the next boot. */
export function installDebianPackage(name) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const hadIt = spawnSync('dpkg-query', ['-W', '-f=${Status}', name], { encoding: 'utf8' }).stdout?.includes(
    'ok installed',
  );
  withoutServiceStarts(() => {
    run('apt-get', ['update', '-qq'], { env });
    run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', name], { env });
  });
  // Someone who had the package before decided about its service themselves; not every package has one.
  if (!hadIt && existsSync(`/etc/init.d/${name}`)) run('update-rc.d', [name, 'disable']);
}

/** With a listener in place an interrupt ends the command that runs, and what was here before is still put back. */
function withoutServiceStarts(work) {
  const interrupted = () => {};
  process.on('SIGINT', interrupted).on('SIGTERM', interrupted);
  const leftOver = existsSync(POLICY) && readFileSync(POLICY, 'utf8') === FORBID;
  if (existsSync(POLICY) && !leftOver) renameSync(POLICY, SAVED);
  writeFileSync(POLICY, FORBID, { mode: 0o755 });
  try {
    work();
  } finally {
    if (existsSync(SAVED)) renameSync(SAVED, POLICY);
    else rmSync(POLICY, { force: true });
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
  }
}
