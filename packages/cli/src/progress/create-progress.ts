import type { ServerFrame } from '@reveille/contracts';
import type { Terminal } from '../cli/terminal.ts';
import { plainLine } from '../render/plain-line.ts';
import type { Progress, ProgressForm } from './progress.ts';
import { TtyProgress } from './tty-progress.ts';

/** `auto`: the picture on a terminal, else plain lines. */
export function createProgress(form: ProgressForm, title: string, terminal: Terminal): Progress {
  switch (form) {
    case 'auto':
      return createProgress(terminal.errIsTty ? 'tty' : 'plain', title, terminal);
    case 'tty':
      return new TtyProgress(title, terminal);
    case 'plain':
      return byLine(terminal, plainLine);
    case 'json':
      return byLine(terminal, (frame) => JSON.stringify(frame));
  }
}

function byLine(terminal: Terminal, lineOf: (frame: ServerFrame) => string | undefined): Progress {
  return {
    hear: (frame) => {
      const line = lineOf(frame);
      if (line !== undefined) terminal.err(`${line}\n`);
    },
    around: (print) => print(),
    [Symbol.dispose]: () => undefined,
  };
}
