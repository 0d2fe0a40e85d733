import type { ServerFrame } from '@reveille/contracts';
import type { Terminal } from '../cli/terminal.ts';
import { plainLine } from '../render/plain-line.ts';
import { planLines } from '../render/plan-lines.ts';
import { foldFrame, type PlanView } from '../render/plan-view.ts';
import { type Style, styleFor } from '../render/style.ts';
import { Painter } from './painter.ts';
import type { Progress } from './progress.ts';

/** The plan as a picture that is drawn again in place while it changes. */
export class TtyProgress implements Progress {
  readonly #title: string;
  readonly #terminal: Terminal;
  readonly #style: Style;
  #view: PlanView | undefined;
  /** When the last frame came, on a clock of our own: between frames its elapsed time goes on here. */
  #heardAt = 0;
  #painter: Painter | undefined;

  constructor(title: string, terminal: Terminal) {
    this.#title = title;
    this.#terminal = terminal;
    this.#style = styleFor(terminal.colours);
  }

  hear(frame: ServerFrame): void {
    switch (frame.type) {
      case 'initialization_started':
      case 'service_initializing':
      case 'service_completed':
      case 'service_failed':
      case 'initialization_slow':
      case 'initialization_completed':
      case 'initialization_failed':
        this.#view = foldFrame(this.#view, frame);
        this.#heardAt = performance.now();
        if (this.#view.services.length > 0) this.#draw(this.#view);
        else this.#say(frame);
        return;
      default:
        this.#say(frame);
    }
  }

  around(print: () => void): void {
    if (this.#painter === undefined) print();
    else this.#painter.above(print);
  }

  [Symbol.dispose](): void {
    this.#painter?.[Symbol.dispose]();
    this.#painter = undefined;
  }

  #draw(view: PlanView): void {
    this.#painter ??= new Painter(this.#terminal, (tick) => this.#lines(tick));
    this.#painter.touch();
    if (view.outcome === 'running') return;
    this[Symbol.dispose]();
    this.#view = undefined;
  }

  #lines(tick: number): string[] {
    if (this.#view === undefined) return [];
    const { columns, rows } = this.#terminal;
    const elapsedMs = this.#view.elapsedMs + (performance.now() - this.#heardAt);
    return planLines(this.#title, this.#view, { elapsedMs, columns, rows: rows - 1, style: this.#style, tick });
  }

  #say(frame: ServerFrame): void {
    const line = plainLine(frame);
    if (line !== undefined) this.around(() => this.#terminal.err(`${this.#style.dim(line)}\n`));
  }
}
