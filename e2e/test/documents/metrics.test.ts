import { readFile, writeFile } from 'node:fs/promises';
import { METRIC, type MetricDeclaration, PROCESS_METRIC } from '@reveille/telemetry';
import { expect, test } from 'vitest';

const file = new URL('../../../docs/metrics.md', import.meta.url);

const row = ({ name, kind, labels, of, help }: MetricDeclaration): string =>
  `| \`${name}\` | ${kind} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${of.join(', ')} | ${help} |`;
const table = (rows: readonly MetricDeclaration[]): string =>
  ['| metric | kind | labels | of | meaning |', '| --- | --- | --- | --- | --- |', ...rows.map(row)].join('\n');
const tables = { metrics: table(Object.values(METRIC)), process: table(Object.values(PROCESS_METRIC)) };

/** `REVEILLE_WRITE_DOCS=1` writes the tables instead of comparing them. */
test.each(Object.entries(tables))('the table of %s in docs/metrics.md is that of the code', async (name, wanted) => {
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
