/** One thing that is wrong with a catalog, and where. Lines and columns count from 1. */
export type LocatedFault = {
  file: string;
  line: number;
  column: number;
  /** `services.a.ready.timeoutMs`; empty for the file as a whole. */
  path: string;
  found: string;
  expected: string;
  /** `found …, expected …`, and why where that is not plain. */
  message: string;
};

/** Most faults in a report: a file that has more is no catalog, and the first ones say so. */
const maxReported = 200;

/** A catalog that was refused, with every fault at once. `faults` are in the order of the file. */
export class CatalogError extends Error {
  override readonly name = 'CatalogError';
  /** Of a process that was to run by it. */
  readonly exitCode = 2;
  readonly file: string;
  readonly faults: readonly LocatedFault[];

  constructor(file: string, faults: readonly LocatedFault[], options?: ErrorOptions) {
    const sorted = faults.toSorted((one, other) => one.line - other.line || one.column - other.column);
    super(reportOf(file, sorted), options);
    this.file = file;
    this.faults = sorted;
  }

  /** For people: a heading, then one line per fault as `file:line:column path: found …, expected …`. */
  get report(): string {
    return this.message;
  }
}

function reportOf(file: string, faults: readonly LocatedFault[]): string {
  const heading = `${file} was refused: ${faults.length} ${faults.length === 1 ? 'fault' : 'faults'}`;
  const lines = faults
    .slice(0, maxReported)
    .map(
      (fault) =>
        `${fault.file}:${fault.line}:${fault.column} ${fault.path === '' ? '' : `${fault.path}: `}${fault.message}`,
    );
  const more = faults.length > maxReported ? [`and ${faults.length - maxReported} more`] : [];
  return [heading, ...lines, ...more].join('\n');
}
