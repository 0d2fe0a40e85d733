const NEWLINE = 0x0a;
const SPACE = 0x20;
/** Longest stamp, bytes: RFC 3339 with nanoseconds and an offset. */
const STAMP_BYTES = 40;

/**
 * Takes the time from the beginning of each line of a log, and leaves out the lines up to the last that was whole when the log was read
 * before: it is cut off and read again. What has no time is passed as it is.
 */
export class StampedLines {
  readonly #out: (bytes: Buffer) => void;
  #head = Buffer.alloc(0);
  #state: 'stamp' | 'pass' | 'drop' = 'stamp';
  #stamp: string | undefined;
  /** Time of the last line that was passed whole, of digits only, so that times sort as texts. */
  last: string | undefined;

  constructor(out: (bytes: Buffer) => void, last?: string) {
    this.#out = out;
    this.last = last;
  }

  push(chunk: Buffer): void {
    let rest: Buffer = this.#state === 'stamp' ? Buffer.concat([this.#head, chunk]) : chunk;
    this.#head = Buffer.alloc(0);
    while (rest.length > 0) {
      if (this.#state === 'stamp') {
        const space = rest.indexOf(SPACE);
        const end = rest.indexOf(NEWLINE);
        if (space === -1 && end === -1 && rest.length < STAMP_BYTES) return void (this.#head = Buffer.from(rest));
        this.#stamp = sortable(rest.subarray(0, Math.max(space, 0)).toString('latin1'));
        const isKnown = this.#stamp !== undefined && this.last !== undefined && this.#stamp <= this.last;
        this.#state = isKnown ? 'drop' : 'pass';
        if (this.#stamp !== undefined) rest = rest.subarray(space + 1);
      }
      const end = rest.indexOf(NEWLINE);
      const line = end === -1 ? rest : rest.subarray(0, end + 1);
      if (this.#state === 'pass' && line.length > 0) this.#out(line);
      if (end === -1) return;
      if (this.#state === 'pass') this.last = this.#stamp ?? this.last;
      this.#state = 'stamp';
      rest = rest.subarray(end + 1);
    }
  }
}

/** Kubernetes leaves out the zeros at the end of a fraction. */
function sortable(stamp: string): string | undefined {
  const [, seconds, fraction = ''] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z$/.exec(stamp) ?? [];
  return seconds === undefined ? undefined : `${seconds}.${fraction.padEnd(9, '0')}`;
}
