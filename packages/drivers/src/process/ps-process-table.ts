import { execFile } from 'node:child_process';
import process from 'node:process';
import { promisify } from 'node:util';
import { MARK_VARIABLE, parseMark } from './mark.ts';
import type { MarkedProcess, ProcessEntry, ProcessTable } from './process-table.ts';
import { shareNext } from './share-next.ts';

const run = promisify(execFile);

type Line = ProcessEntry & { command: string };

/** The process table of systems without `/proc`, read from `ps`. */
export function psProcessTable(): ProcessTable {
  const plain = shareNext(() => list('axww'));
  const allMarked = shareNext(async () => {
    // `e` appends the environment to the command line. Only what the plain line does not hold is environment: an argument
    // that reads like a mark (somebody who looks for one, say) must not pass for one.
    const [withEnvironment, without] = await Promise.all([list('axeww'), list('axww')]);
    const commands = new Map(without.map((line) => [line.pid, line]));
    return withEnvironment.flatMap((line) => readMarked(line, commands.get(line.pid)) ?? []);
  });
  return {
    async marked(prefix) {
      return (await allMarked()).filter(({ markText }) => markText.startsWith(prefix));
    },
    async members(group) {
      return (await plain()).filter((line) => line.group === group).map(({ pid }) => pid);
    },
    async find(pid) {
      const line = (await plain()).find((each) => each.pid === pid);
      return line && { pid, group: line.group, startedAt: line.startedAt };
    },
  };
}

function readMarked(line: Line, plain: Line | undefined): MarkedProcess | undefined {
  if (plain === undefined || plain.startedAt !== line.startedAt || !line.command.startsWith(plain.command))
    return undefined;
  const environment = line.command.slice(plain.command.length);
  const markText = new RegExp(`(?:^|\\s)${MARK_VARIABLE}=(\\S+)`).exec(environment)?.[1];
  const mark = markText === undefined ? undefined : parseMark(markText);
  if (markText === undefined || mark === undefined) return undefined;
  const port = /(?:^|\s)PORT=(\d{1,5})(?=\s|$)/.exec(environment)?.[1];
  const { pid, group, startedAt } = line;
  return { pid, group, startedAt, mark, markText, port: port === undefined ? undefined : Number(port) };
}

async function list(options: string): Promise<Line[]> {
  const { stdout } = await run('ps', [options, '-o', 'pid=,pgid=,stat=,lstart=,command='], {
    env: { PATH: process.env['PATH'], LC_ALL: 'C' },
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout.split('\n').flatMap((line) => parseLine(line) ?? []);
}

/** `lstart` is five words: `Sat Nov 22 21:30:00 2026`. */
function parseLine(line: string): Line | undefined {
  const [, pid, group, state, startedAt, command] =
    /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(\w+\s+\w+\s+\d+\s+[\d:]+\s+\d{4})\s(.*)$/.exec(line) ?? [];
  if (startedAt === undefined || command === undefined || state === undefined || /^[ZX]/.test(state)) return undefined;
  return { pid: Number(pid), group: Number(group), startedAt: Date.parse(startedAt), command: command.trim() };
}
