import process from 'node:process';
import type { Terminal } from '../cli/terminal.ts';

/** Twenty pictures a second: smooth for the eye, nothing for the machine. */
const frameMs = 50;
/** The spinner turns when nothing else happens. */
const idleMs = 100;

/** Draws a block of lines and draws it again in the same place. Bounded to twenty pictures a second. */
export class Painter implements Disposable {
  readonly #terminal: Terminal;
  readonly #lines: (tick: number) => string[];
  #height = 0;
  #tick = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #paintedAt = Number.NEGATIVE_INFINITY;
  #over = false;

  /** `lines`: the block now; each no wider than the terminal. */
  constructor(terminal: Terminal, lines: (tick: number) => string[]) {
    this.#terminal = terminal;
    this.#lines = lines;
    terminal.err(hideCursor);
    // Also when the process ends in the middle of a picture (a second Ctrl-C).
    process.once('exit', this.#showCursor);
  }

  /** Something has changed. */
  touch(): void {
    if (!this.#over) this.#schedule(Math.max(0, this.#paintedAt + frameMs - performance.now()));
  }

  /** Lets `print` write above the block. */
  above(print: () => void): void {
    if (this.#height > 0) this.#terminal.err(`${up(this.#height)}${clearBelow}`);
    this.#height = 0;
    print();
    this.touch();
  }

  /** The last picture stays. */
  [Symbol.dispose](): void {
    if (this.#over) return;
    clearTimeout(this.#timer);
    this.#paint();
    this.#over = true;
    clearTimeout(this.#timer);
    process.off('exit', this.#showCursor);
    this.#showCursor();
  }

  readonly #showCursor = (): void => this.#terminal.err(showCursor);

  #schedule(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#paint(), ms);
    // A picture alone is no reason for the process to stay.
    this.#timer.unref();
  }

  #paint(): void {
    const lines = this.#lines(this.#tick++);
    const back = this.#height > 0 ? up(this.#height) : '';
    // Line by line rather than clear first: a terminal that shows the moment between would flicker.
    this.#terminal.err(`${back}${lines.map((line) => `${line}${clearRight}\n`).join('')}${clearBelow}`);
    this.#height = lines.length;
    this.#paintedAt = performance.now();
    this.#schedule(idleMs);
  }
}

const up = (lines: number): string => `\u001b[${lines}A\r`;
const clearRight = '\u001b[K';
const clearBelow = '\u001b[J';
const hideCursor = '\u001b[?25l';
const showCursor = '\u001b[?25h';
