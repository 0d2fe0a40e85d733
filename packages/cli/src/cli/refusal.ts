import { type ExitCode, exitCodes } from './exit-code.ts';

/** A command that cannot be done, in words for standard error. Has the shape that `runProcess` takes for a refusal. */
export class CliRefusal extends Error {
  override readonly name = 'CliRefusal';
  readonly exitCode: ExitCode;

  /** `report`: one or more lines that say what is wrong and what to do; without a line break at its end. */
  constructor(report: string, exitCode: ExitCode = exitCodes.usage, options?: ErrorOptions) {
    super(report, options);
    this.exitCode = exitCode;
  }

  get report(): string {
    return this.message;
  }
}

/** Errors of the rooms below that carry words for people, as a refusal of this command; anything else as it is. */
export function refusalOf(error: unknown): unknown {
  if (error instanceof CliRefusal || !(error instanceof Error)) return error;
  const words = 'report' in error && typeof error.report === 'string' ? error.report : undefined;
  return words === undefined ? error : new CliRefusal(words, exitCodes.usage, { cause: error });
}
