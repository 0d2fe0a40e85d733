import { readdirSync, readFileSync } from 'node:fs';

/** Resident memory of a process in bytes (proc(5), Linux). */
export function residentBytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  if (kilobytes === undefined) throw new Error(`process ${pid} has no resident memory`);
  return Number(kilobytes) * 1024;
}

/** Milliseconds that all threads of a process have run on a processor so far (proc(5), Linux; nanosecond resolution). */
export function processorMs(pid: number): number {
  let total = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const [ran = '0'] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ');
    total += Number(ran) / 1e6;
  }
  return total;
}

/** How many files a process may have open, sockets included (proc(5), Linux). */
export function openFilesLimit(pid: number): number {
  const limit = /^Max open files +(\d+)/m.exec(readFileSync(`/proc/${pid}/limits`, 'utf8'))?.[1];
  return limit === undefined ? Number.POSITIVE_INFINITY : Number(limit);
}
