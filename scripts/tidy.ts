/** Holds every text file of the repository, committed or about to be, against the rules that no linter knows. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { judgeFile } from './tidy/rules.ts';

const root = join(import.meta.dirname, '..');
const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
});
const paths = listed.split('\0').filter((path) => path !== '' && existsSync(join(root, path)));
const texts = paths
  .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
  .filter(({ text }) => !text.includes('\0'));
const untidy = texts.flatMap(judgeFile);
for (const { rule, where, message } of untidy) console.error(`${where}  ${message} [${rule}]`);
console.log(`tidy: ${texts.length} files, ${untidy.length} refused`);
if (untidy.length > 0 || texts.length === 0) process.exitCode = 1;
