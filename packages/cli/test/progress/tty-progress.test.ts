import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Terminal } from '../../src/cli/terminal.ts';
import { TtyProgress } from '../../src/progress/tty-progress.ts';
import { completed, initializing, started, told } from '../support/frames.ts';

/** A terminal that does what the few escape sequences of a picture mean. */
class Screen implements Terminal {
  readonly lines: string[] = [];
  writes = 0;
  cursorShown = true;
  readonly outIsTty = true;
  readonly errIsTty = true;
  readonly columns = 80;
  readonly rows = 24;
  readonly colours = false;
  #at = 0;

  out(text: string): void {
    this.err(text);
  }

  err(text: string): void {
    this.writes += 1;
    for (const [piece] of text.matchAll(/\u001b\[\??\d*[a-zA-Z]|\n|\r|[^\u001b\n\r]+/g)) this.#take(piece);
  }

  #take(piece: string): void {
    const [, count, command] = /^\u001b\[\??(\d*)([a-zA-Z])$/.exec(piece) ?? [];
    if (command === 'A') this.#at -= Number(count);
    else if (command === 'J') this.lines.length = Math.min(this.lines.length, this.#at);
    else if (command === 'h' || command === 'l') this.cursorShown = command === 'h';
    else if (command === 'K' || piece === '\r') return;
    else if (piece === '\n') this.#at += 1;
    else this.lines[this.#at] = piece;
  }
}

describe('progress on a terminal', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('draws the plan again in the same place', () => {
    const screen = new Screen();
    using progress = new TtyProgress('chat', screen);
    progress.hear(started);
    vi.advanceTimersByTime(60);
    expect(screen.lines).toHaveLength(6);
    progress.hear(completed('base', 600));
    vi.advanceTimersByTime(60);
    expect(screen.lines).toHaveLength(6);
    expect(screen.lines[1]).toMatch(/^✔ The base +ready +0\.6 s$/);
  });

  it('draws at most twenty pictures a second, however many frames come', () => {
    const screen = new Screen();
    using progress = new TtyProgress('chat', screen);
    progress.hear(started);
    for (let ms = 0; ms < 1_000; ms++) {
      progress.hear(initializing('base', 'loading'));
      vi.advanceTimersByTime(1);
    }
    expect(screen.writes).toBeGreaterThan(10);
    expect(screen.writes).toBeLessThanOrEqual(22);
  });

  it('leaves the last picture and gives the cursor back when everything is ready', () => {
    const screen = new Screen();
    using progress = new TtyProgress('chat', screen);
    progress.hear(started);
    vi.advanceTimersByTime(60);
    expect(screen.cursorShown).toBe(false);
    progress.hear({ type: 'initialization_completed', traceId: 't', ...told, message: 'Everything is ready.' });
    const { writes } = screen;
    vi.advanceTimersByTime(1_000);
    expect(screen.writes).toBe(writes);
    expect(screen.cursorShown).toBe(true);
    expect(screen.lines[0]).toBe('chat  Everything is ready.');
  });

  it('writes above the picture without tearing it', () => {
    const screen = new Screen();
    using progress = new TtyProgress('chat', screen);
    progress.hear(started);
    vi.advanceTimersByTime(60);
    progress.around(() => screen.out('an answer\n'));
    vi.advanceTimersByTime(60);
    expect(screen.lines[0]).toBe('an answer');
    expect(screen.lines[1]).toMatch(/^chat /);
    expect(screen.lines).toHaveLength(7);
  });

  it('says in a line that everything is ready already', () => {
    const screen = new Screen();
    using progress = new TtyProgress('chat', screen);
    progress.hear({
      type: 'initialization_completed',
      traceId: 't',
      ...told,
      elapsedMs: 0,
      message: 'Everything is ready.',
    });
    expect(screen.lines).toEqual(['[  0.0 s] Everything is ready.']);
  });
});
