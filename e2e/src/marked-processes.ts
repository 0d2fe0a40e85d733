import { readdirSync, readFileSync } from 'node:fs';

/** Process ids that run under the mark that the process driver gives to whatever it starts for a deployment (proc(5)). */
export function markedProcesses(namespace: string): number[] {
  const mark = `REVEILLE_RUN=${encodeURIComponent(namespace)}/`;
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      const environ = readIfThere(`/proc/${pid}/environ`);
      return environ.split('\0').some((variable) => variable.startsWith(mark)) && !isZombie(pid);
    })
    .map(Number);
}

function isZombie(pid: string): boolean {
  const stat = readIfThere(`/proc/${pid}/stat`);
  return stat === '' || stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z');
}

/** Processes end while they are looked at. */
function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES') return '';
    throw error;
  }
}
