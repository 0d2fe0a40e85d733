import { spawnSync } from 'node:child_process';
import { hostProcessTable } from '../../src/process/host-process-table.ts';
import type { ProcessTable } from '../../src/process/process-table.ts';
import { psProcessTable } from '../../src/process/ps-process-table.ts';

/** The process tables that this machine can be asked with. `ps` is used on systems without `/proc`, and missing on some with it. */
export const processTables: readonly [string, () => ProcessTable][] = [
  ['this host', hostProcessTable],
  ...(spawnSync('ps').status === 0 ? [['ps', psProcessTable] as [string, () => ProcessTable]] : []),
];
