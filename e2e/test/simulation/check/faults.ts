import { createHash } from 'node:crypto';

/** The last things that happened are what explains a fault. */
const storyLines = 1_000;

/** What was found wrong, each once, what happened, and how often. */
export class Faults {
  readonly found: string[] = [];
  /** What happened, to know that the simulation was about something. */
  readonly seen: Record<string, number> = {};
  readonly #log: string[] = [];
  readonly #hash = createHash('sha256');

  /** The last things that happened, for a failing seed. */
  get story(): string {
    return this.#log.slice(-storyLines).join('\n');
  }

  /** Of all that happened: equal when two runs of a seed went the same way. To be asked for once. */
  get digest(): string {
    return this.#hash.digest('hex');
  }

  add(what: string): void {
    if (this.found.includes(what)) return;
    this.found.push(what);
    this.tell(`FAULT ${what}`);
  }

  note(what: string): void {
    this.tell(what);
    this.count(what.split(' ')[0] ?? what);
  }

  /** As `note`, of what is not counted. */
  tell(what: string): void {
    const line = `${seconds()} ${what}`;
    this.#log.push(line);
    this.#hash.update(`${line}\n`);
  }

  count(kind: string, times = 1): void {
    this.seen[kind] = (this.seen[kind] ?? 0) + times;
  }
}

function seconds(): string {
  return (performance.now() / 1000).toFixed(2);
}
