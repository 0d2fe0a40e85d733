import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { WATCH_SCRIPT } from '../../src/process/watch-script.ts';
import { Lifeline } from '../support/lifeline.ts';

async function watch(words: string, lifeline: Lifeline, labels: string[]) {
  const members = await Promise.all(
    labels.map((label) => {
      spawn('node', ['-e', lifeline.hold(label)], { detached: true, stdio: 'ignore' });
      return lifeline.member(label);
    }),
  );
  const watcher = spawn('/bin/sh', ['-c', WATCH_SCRIPT, 'watch', 'no-such-namespace/', '20'], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const exited = once(watcher, 'exit');
  const named = labels.reduce((text, label, index) => text.replaceAll(label, `${members[index]?.pid}`), words);
  watcher.stdin.end(named);
  expect((await exited)[0]).toBe(0);
  return members;
}

it('at the end of its input the watcher ends the groups that it was told of, and no other', async () => {
  await using lifeline = await Lifeline.open();
  const words = '+first\n+second\n+third\n-second\n-first\n+first\n';
  const [first, second, third] = await watch(words, lifeline, ['first', 'second', 'third']);
  await Promise.all([first?.gone, third?.gone]);
  expect(process.kill(second?.pid ?? 0, 0)).toBe(true);
});

it('a watcher that is let go ends nothing', async () => {
  await using lifeline = await Lifeline.open();
  const [first] = await watch('+first\nq\n', lifeline, ['first']);
  expect(process.kill(first?.pid ?? 0, 0)).toBe(true);
});
