import { readFileSync } from 'node:fs';
import { eventually } from './eventually.ts';

/** Does a process run? One that has ended and that nobody has collected yet (a zombie) does not. */
export function alive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return !stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || (error as NodeJS.ErrnoException).code === 'ESRCH')
      return false;
    throw error;
  }
}

export async function untilDead(pid: number): Promise<void> {
  await eventually(() => !alive(pid), `process ${pid} lives on`);
}
