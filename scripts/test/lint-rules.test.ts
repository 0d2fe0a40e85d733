import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { plant, type Tree } from './house.ts';

const repository = join(import.meta.dirname, '../..');
const configuration: Tree = { '.oxlintrc.json': readFileSync(join(repository, '.oxlintrc.json'), 'utf8') };

/** The rules that the repository's own configuration finds broken in a folder with these files. */
async function brokenRules(tree: Tree): Promise<string[]> {
  using folder = plant(configuration, tree);
  const printed = await new Promise<string>((resolve) => {
    const oxlint = join(repository, 'node_modules/oxlint/bin/oxlint');
    execFile(process.execPath, [oxlint, '--format=json'], { cwd: folder.root }, (_, stdout) => resolve(stdout));
  });
  const { diagnostics } = JSON.parse(printed) as { diagnostics: { code: string }[] };
  return [...new Set(diagnostics.map(({ code }) => code))];
}

const inOrchestration = (source: string): Tree => ({ 'packages/orchestration/src/decide.ts': source });

const wrongs: readonly (readonly [what: string, rule: string, tree: Tree])[] = [
  ...['Date.now()', 'new Date()', 'performance.now()', 'setTimeout(() => {}, 1)', 'setInterval(() => {}, 1)'].map(
    (clock) =>
      [
        `${clock} in orchestration`,
        'eslint(no-restricted-globals)',
        inOrchestration(`export const now = () => ${clock};\n`),
      ] as const,
  ),
  ['process in orchestration', 'eslint(no-restricted-globals)', inOrchestration('export const home = process.env;\n')],
  [
    'Math.random in orchestration',
    'eslint(no-restricted-properties)',
    inOrchestration('export const dice = Math.random();\n'),
  ],
  [
    'AbortSignal.timeout in orchestration',
    'eslint(no-restricted-properties)',
    inOrchestration('export const late = AbortSignal.timeout(1);\n'),
  ],
  [
    'a cycle',
    'import(no-cycle)',
    {
      'packages/broker/src/hen.ts': `import { egg } from './egg.ts';\nexport const hen = () => egg;\n`,
      'packages/broker/src/egg.ts': `import { hen } from './hen.ts';\nexport const egg = () => hen;\n`,
    },
  ],
  [
    'a cycle of types',
    'import(no-cycle)',
    {
      'services/edge/src/hen.ts': `import type { Egg } from './egg.ts';\nexport interface Hen { egg: Egg }\n`,
      'services/edge/src/egg.ts': `import type { Hen } from './hen.ts';\nexport interface Egg { hen: Hen }\n`,
    },
  ],
  [
    'any',
    'typescript(no-explicit-any)',
    { 'packages/broker/src/any.ts': 'export const it = (x: unknown) => x as any;\n' },
  ],
  [
    'a test that is left out',
    'vitest(no-disabled-tests)',
    { 'packages/broker/test/a.test.ts': `import { it } from 'vitest';\nit.skip('works', () => {});\n` },
  ],
];

describe('the lint rules', () => {
  it('let decisions be that get the time as an argument', async () => {
    const tree = inOrchestration('export const due = (nowMs: number, delayMs: number) => nowMs + delayMs;\n');
    expect(await brokenRules(tree)).toEqual([]);
  });

  it('let clocks be where there is I/O', async () => {
    expect(await brokenRules({ 'packages/broker/src/now.ts': 'export const now = () => Date.now();\n' })).toEqual([]);
  });

  it.each(wrongs)('refuse %s', async (_, rule, tree) => {
    expect(await brokenRules(tree)).toContain(rule);
  });
});
