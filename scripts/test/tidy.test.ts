import { describe, expect, it } from 'vitest';
import { judgeFile } from '../tidy/rules.ts';

const broken = (path: string, text: string) => judgeFile({ path, text }).map(({ rule }) => rule);
const words = (...parts: string[]) => parts.join('');

describe('the rules of tidiness', () => {
  it.each([
    ['packages/broker/src/journal.ts', 'x\n'.repeat(250)],
    ['packages/broker/test/journal.test.ts', `it('reads', () => {});\n`],
    ['packages/contracts/src/ids.ts', 'x\n'],
    ['docs/install.md', 'Runs in /srv/app, listens on http://localhost:8080/work/home.\n'],
    ['examples/assistant/tool-classes/src/main.ts', 'const tools = registry.list();\n'],
    ['package-lock.json', '"resolved": "packages/broker",\n'],
  ])('let %s be', (path, text) => {
    expect(broken(path, text)).toEqual([]);
  });

  it.each([
    ['long-file', 'packages/broker/src/journal.ts', 'x\n'.repeat(251)],
    ['dump', 'packages/broker/src/utils/format.ts', 'x\n'],
    ['dump', 'packages/broker/src/types.ts', 'x\n'],
    ['dump', 'services/edge/test/helpers.ts', 'x\n'],
    ['machine-path', 'README.md', words('See /wo', 'rk/main for more.\n')],
    ['machine-path', 'packages/broker/src/a.ts', words(`const dir = '/ro`, `ot/data';\n`)],
    ['registry-host', 'package-lock.json', words('"resolved": "ht', 'tps://example.org/a.tgz",\n')],
    ['registry-host', '.npmrc', words('registry=https://regis', 'try.example.org/\n')],
    ['narrowed-tests', 'e2e/test/chat.test.ts', words('it.on', `ly('answers', () => {});\n`)],
    ['narrowed-tests', 'e2e/test/chat.test.ts', words('describe.concurrent.sk', `ip('answers', () => {});\n`)],
    ['unfinished', 'packages/broker/src/a.ts', words('// TO', 'DO: the rest\n')],
    ['unfinished', 'packages/broker/src/a.ts', words('// @ts-', 'ignore\n')],
  ])('refuse as %s: %s', (rule, path, text) => {
    expect(broken(path, text)).toEqual([rule]);
  });

  it('say in which line', () => {
    const text = `it('one', () => {});\n${words('it.on', `ly('two', () => {});`)}\n`;
    expect(judgeFile({ path: 'e2e/test/a.test.ts', text })[0]?.where).toBe('e2e/test/a.test.ts:2');
  });
});
