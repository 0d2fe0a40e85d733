/** One setting that is wrong. `found` is absent for cross checks that are about what is missing. */
export interface ConfigFault {
  /** Name of the environment variable, or names joined with " and ". */
  readonly name: string;
  /** What was found, in words. Never the value of a secret. */
  readonly found?: string;
  /** What is expected, in words that follow "expected". */
  readonly expected: string;
}

/** Exit status of a process whose configuration is refused (also used for wrong command lines). */
export const CONFIG_EXIT_CODE = 2;

/** Thrown with every fault of a configuration at once. `report` is meant for standard error, `exitCode` for the exit. */
export class ConfigError extends Error {
  readonly faults: readonly ConfigFault[];
  readonly exitCode = CONFIG_EXIT_CODE;

  constructor(faults: readonly ConfigFault[]) {
    super(formatReport(faults));
    this.name = 'ConfigError';
    this.faults = faults;
  }

  /** Several lines: a heading, then one line per fault. Ends without a line break. */
  get report(): string {
    return this.message;
  }
}

function formatReport(faults: readonly ConfigFault[]): string {
  const width = Math.max(...faults.map((fault) => fault.name.length));
  const heading = `Configuration refused: ${faults.length === 1 ? '1 setting is' : `${faults.length} settings are`} wrong.`;
  const lines = faults.map(({ name, found, expected }) => {
    const seen = found === undefined ? '' : `found ${found}; `;
    return `  ${name.padEnd(width)}  ${seen}expected ${expected}`;
  });
  return [heading, ...lines].join('\n');
}
