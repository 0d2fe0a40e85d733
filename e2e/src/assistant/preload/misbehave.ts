import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Fault } from '../faults.ts';

/**
 * Loaded into a service before its program: what `faults.json` says of this service happens to it instead of its start. The file
 * is read at each start, so a test mends a service by writing it anew.
 */
const { E2E_DIR = '.', REVEILLE_SERVICE = '' } = process.env;
const faults = JSON.parse(readFileSync(join(E2E_DIR, 'faults.json'), 'utf8')) as Partial<Record<string, Fault>>;
const fault = faults[REVEILLE_SERVICE];
switch (fault) {
  case 'exits':
    console.error('the disk is on fire');
    process.exit(9);
  case 'hangs':
    // Stopped by the kernel: it answers nothing, not even SIGTERM.
    process.kill(process.pid, 'SIGSTOP');
    break;
  case 'never ready':
    await new Promise(() => setInterval(() => undefined, 60_000));
    break;
  case undefined:
}
