import type { Terminal } from '../cli/terminal.ts';
import { printable } from '../render/printable.ts';
import { type Style, styleFor } from '../render/style.ts';

/** Takes the JSON lines of a logger and writes each as one readable line on standard error. */
export function prettyLog(terminal: Terminal): { write(line: string): void } {
  const style = styleFor(terminal.colours);
  return { write: (line) => terminal.err(`${prettyLine(line, style)}\n`) };
}

/** Fields that stand elsewhere in the line, or say nothing to a developer on one machine. */
const hidden = new Set(['level', 'time', 'name', 'msg', 'pid', 'hostname', 'err', 'span_id', 'v']);

/** One line of a log: time, level where it matters, part, message, then the other fields as `name=value`; a stack on lines of its own. */
export function prettyLine(line: string, style: Style): string {
  const entry = readEntry(line);
  if (entry === undefined) return printable(line.trimEnd());
  const { level, time, name, msg, err } = entry;
  const fields = Object.entries(entry)
    .filter(([key]) => !hidden.has(key))
    .map(([key, value]) => `${key}=${printable(typeof value === 'string' ? value : JSON.stringify(value))}`);
  const words = [
    style.dim(clock(time)),
    levelWord(String(level), style),
    style.bold(printable(String(name ?? ''))),
    printable(String(msg ?? '')),
    style.dim(fields.join(' ')),
  ].filter((word) => word !== '');
  return [words.join(' '), ...errorLines(err)].join('\n');
}

function levelWord(level: string, style: Style): string {
  switch (level) {
    case 'info':
      return '';
    case 'warn':
      return style.yellow('warn');
    case 'error':
    case 'fatal':
      return style.red(level);
    default:
      return style.dim(level);
  }
}

function clock(time: unknown): string {
  const at = new Date(typeof time === 'string' || typeof time === 'number' ? time : Number.NaN);
  if (Number.isNaN(at.getTime())) return '';
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${String(at.getMilliseconds()).padStart(3, '0')}`;
}

function errorLines(err: unknown): string[] {
  if (typeof err !== 'object' || err === null)
    return err === undefined ? [] : [`    ${printable(JSON.stringify(err))}`];
  const { stack, message } = err as { stack?: unknown; message?: unknown };
  return printable(String(stack ?? message ?? JSON.stringify(err)))
    .split('\n')
    .map((line) => `    ${line}`);
}

function readEntry(line: string): Record<string, unknown> | undefined {
  try {
    const entry: unknown = JSON.parse(line);
    return typeof entry === 'object' && entry !== null && !Array.isArray(entry) ? { ...entry } : undefined;
  } catch {
    // Not a line of our loggers: shown as it is.
    return undefined;
  }
}
