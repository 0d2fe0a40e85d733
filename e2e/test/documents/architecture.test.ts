import { readFile, writeFile } from 'node:fs/promises';
import { redisKeys } from '@reveille/broker';
import { timing, transitions } from '@reveille/orchestration';
import { expect, test } from 'vitest';

const file = new URL('../../../ARCHITECTURE.md', import.meta.url);

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

const tables = {
  keys: table(
    ['key', 'type', 'slot', 'content', 'written by', 'bound', 'expiry'],
    redisKeys.map((row) => [`\`${row.pattern}\``, row.type, row.slot, row.content, row.writes, row.bound, row.expiry]),
  ),
  timings: table(
    ['setting', 'value', 'invariant', 'why'],
    Object.entries(timing).map(([name, row]) => [`\`${name}\``, `${row.value} ms`, String(row.invariant), row.why]),
  ),
  transitions: table(
    ['command', 'from', 'to'],
    Object.entries(transitions).map(([command, row]) => [
      `\`${command}\``,
      row.from.join(', '),
      row.to.length === 0 ? '(the same)' : row.to.join(', '),
    ]),
  ),
};

/** `REVEILLE_WRITE_DOCS=1` writes the tables instead of comparing them. */
test.each(Object.entries(tables))('the table of %s in ARCHITECTURE.md is that of the code', async (name, wanted) => {
  const text = await readFile(file, 'utf8');
  const marks = new RegExp(`(<!-- ${name} -->\n)([\\s\\S]*?)(\n<!-- /${name} -->)`);
  const found = marks.exec(text)?.[2];
  if (process.env['REVEILLE_WRITE_DOCS'] && found !== undefined && found !== wanted)
    await writeFile(
      file,
      text.replace(marks, (_, open: string, __, close: string) => open + wanted + close),
    );
  else expect(found).toBe(wanted);
});
