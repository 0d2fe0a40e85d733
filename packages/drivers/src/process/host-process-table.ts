import process from 'node:process';
import { linuxProcessTable } from './linux-process-table.ts';
import type { ProcessTable } from './process-table.ts';
import { psProcessTable } from './ps-process-table.ts';

export function hostProcessTable(): ProcessTable {
  return process.platform === 'linux' ? linuxProcessTable() : psProcessTable();
}
