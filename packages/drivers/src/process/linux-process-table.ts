import { readdir, readFile } from 'node:fs/promises';
import { MARK_VARIABLE, parseMark } from './mark.ts';
import type { MarkedProcess, ProcessEntry, ProcessTable } from './process-table.ts';
import { shareNext } from './share-next.ts';

/** The process table as `/proc` shows it (proc(5)). */
export function linuxProcessTable(): ProcessTable {
  const allMarked = shareNext(async () => present(await Promise.all((await pids()).map(readMarked))));
  return {
    async marked(prefix) {
      return (await allMarked()).filter(({ markText }) => markText.startsWith(prefix));
    },
    async members(group) {
      const entries = present(await Promise.all((await pids()).map(readEntry)));
      return entries.filter((entry) => entry.group === group).map(({ pid }) => pid);
    },
    find: readEntry,
  };
}

async function pids(): Promise<number[]> {
  return (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
}

async function readMarked(pid: number): Promise<MarkedProcess | undefined> {
  const environ = await readIfThere(`/proc/${pid}/environ`);
  const markText = environ === undefined ? undefined : valueIn(environ, MARK_VARIABLE);
  const mark = markText === undefined ? undefined : parseMark(markText);
  if (environ === undefined || markText === undefined || mark === undefined) return undefined;
  const entry = await readEntry(pid);
  const port = Number(valueIn(environ, 'PORT'));
  return entry && { ...entry, mark, markText, port: Number.isInteger(port) && port > 0 ? port : undefined };
}

/** `/proc/PID/stat`: `pid (comm) state ppid pgrp …`, where comm may hold blanks and parentheses; field 22 is the start time. */
async function readEntry(pid: number): Promise<ProcessEntry | undefined> {
  const stat = (await readIfThere(`/proc/${pid}/stat`))?.toString('latin1');
  if (stat === undefined) return undefined;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, , group] = fields;
  const startedAt = fields[19];
  if (state === undefined || state === 'Z' || state === 'X' || startedAt === undefined) return undefined;
  return { pid, group: Number(group), startedAt: Number(startedAt) };
}

function valueIn(environ: Buffer, variable: string): string | undefined {
  const assignment = `${variable}=`;
  let at = environ.indexOf(assignment);
  while (at > 0 && environ[at - 1] !== 0) at = environ.indexOf(assignment, at + 1);
  if (at < 0) return undefined;
  const end = environ.indexOf(0, at);
  return environ.toString('utf8', at + assignment.length, end < 0 ? environ.length : end);
}

/** Processes end while they are looked at, and those of other users may not be read. Both are no faults. */
async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES' || code === 'EPERM') return undefined;
    throw error;
  }
}

function present<T>(list: readonly (T | undefined)[]): T[] {
  return list.filter((item) => item !== undefined);
}
