import { cleanLine } from './clean-line.ts';
import { LineSplitter, type RawLine } from './line-splitter.ts';
import { createRedactor } from './redact.ts';

/** Bounds of what is kept of the output of a run. */
export const LOG_LINES = 200;
export const LOG_BYTES = 64 * 1024;
export const LOG_LINE_BYTES = 2 * 1024;

export type LogRingOptions = {
  /** Texts that must not show, from `secretsOf`. */
  secrets: readonly string[];
  /** Receives what a listener throws. */
  onListenerError(error: unknown): void;
};

/**
 * The last lines of a run, stdout and stderr together. Lines are kept as they came and made presentable when somebody
 * looks: a process that floods its log costs little more than finding the line ends.
 */
export class LogRing {
  readonly #listeners = new Set<(line: string) => void>();
  /** Line number n stands at n mod LOG_LINES; kept are those from #first to #next, the latter excluded. */
  readonly #ring: (RawLine | undefined)[] = Array.from({ length: LOG_LINES });
  readonly #secrets = new Set<string>();
  #redact: (text: string) => string = (text) => text;
  #longestSecret = 0;
  readonly #options: LogRingOptions;
  readonly #splitters: LineSplitter[] = [];
  #first = 0;
  #next = 0;
  #size = 0;

  constructor(options: LogRingOptions) {
    this.#options = options;
    this.hide(options.secrets);
  }

  /** Further texts that must not show, also in lines that came before. Streams that are open keep the bound of their lines. */
  hide(secrets: readonly string[]): void {
    for (const secret of secrets) this.#secrets.add(secret);
    this.#redact = createRedactor([...this.#secrets]);
    this.#longestSecret = Math.max(0, ...[...this.#secrets].map((secret) => Buffer.byteLength(secret)));
  }

  /** Where the bytes of one stream go. Each stream has its own: their lines must not run into each other. */
  stream(): { push(chunk: Buffer): void; flush(): void } {
    // Longer than a line may be by one secret: one that begins within the bound must be recognised whole.
    const splitter = new LineSplitter(LOG_LINE_BYTES + this.#longestSecret, (line) => this.#add(line));
    this.#splitters.push(splitter);
    return splitter;
  }

  /** Oldest first; at most {@link LOG_LINES} lines of {@link LOG_LINE_BYTES}, {@link LOG_BYTES} together. */
  lines(): string[] {
    const kept = Array.from({ length: this.#next - this.#first }, (_, age) => this.#ring[slot(this.#next - 1 - age)]);
    const unfinished = this.#splitters.map((splitter) => splitter.pending());
    const newestFirst: string[] = [];
    let bytes = 0;
    for (const raw of [...unfinished, ...kept]) {
      const line = raw === undefined ? '' : this.#present(raw);
      if (line === '') continue;
      bytes += Buffer.byteLength(line);
      if (bytes > LOG_BYTES || newestFirst.length === LOG_LINES) break;
      newestFirst.push(line);
    }
    return newestFirst.toReversed();
  }

  /** Every further line, presentable; empty ones are left out. */
  onLine(listener: (line: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #add(raw: RawLine): void {
    if (this.#next - this.#first === LOG_LINES) this.#dropOldest();
    this.#ring[slot(this.#next)] = raw;
    this.#next += 1;
    this.#size += raw.text.length;
    while (this.#size > LOG_BYTES && this.#next - this.#first > 1) this.#dropOldest();
    if (this.#listeners.size === 0) return;
    const line = this.#present(raw);
    if (line === '') return;
    for (const listener of this.#listeners) {
      try {
        listener(line);
      } catch (error) {
        this.#options.onListenerError(error);
      }
    }
  }

  #dropOldest(): void {
    this.#size -= this.#ring[slot(this.#first)]?.text.length ?? 0;
    this.#ring[slot(this.#first)] = undefined;
    this.#first += 1;
  }

  #present(raw: RawLine): string {
    const redacted = this.#redact(cleanLine(raw.text));
    // What was cut off may have been the rest of a secret: its beginning goes too.
    const safe = raw.cut ? redacted.slice(0, Math.max(0, redacted.length - this.#longestSecret)) : redacted;
    const short = truncate(safe, LOG_LINE_BYTES);
    return raw.cut || short.length < safe.length ? `${truncate(short, LOG_LINE_BYTES - ELLIPSIS_BYTES)}…` : short;
  }
}

function slot(line: number): number {
  return line % LOG_LINES;
}

const ELLIPSIS_BYTES = 3;

/** At most `maxBytes` of UTF-8, no half character at the end. */
function truncate(text: string, maxBytes: number): string {
  if (text.length * 3 <= maxBytes) return text;
  const { read } = encoder.encodeInto(text, new Uint8Array(maxBytes));
  return text.slice(0, read);
}

const encoder = new TextEncoder();
