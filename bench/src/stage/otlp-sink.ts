import { Program } from './deployable.ts';

/** A collector on this machine, a process of its own, that takes everything. */
export class OtlpSink implements AsyncDisposable {
  /** What a deployable needs to send its traces and metrics there. */
  readonly variables: Readonly<Record<string, string>>;
  readonly #program: Program;
  readonly #taken: { bytes: number };

  private constructor(of: { program: Program; url: string; taken: { bytes: number } }) {
    this.#program = of.program;
    this.#taken = of.taken;
    // Often, so that what is measured meets it too.
    this.variables = { OTEL_EXPORTER_OTLP_ENDPOINT: of.url, OTEL_METRIC_EXPORT_INTERVAL: '5000' };
  }

  static async open(): Promise<OtlpSink> {
    const up = Promise.withResolvers<string>();
    const taken = { bytes: 0 };
    const program = new Program({
      name: 'otlp-sink',
      args: [new URL('../service/otlp-sink.ts', import.meta.url).pathname],
      env: {},
      onLine: (line) => (line.startsWith('http') ? up.resolve(line) : (taken.bytes = Number(line))),
    });
    const url = await Promise.race([up.promise, program.died()]);
    return new OtlpSink({ program, url, taken });
  }

  /** Kilobytes that it was given, as of a second ago. */
  get takenKb(): number {
    return this.#taken.bytes / 1000;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program[Symbol.asyncDispose]();
  }
}
