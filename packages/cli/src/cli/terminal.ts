import process from 'node:process';

/** Where a command speaks: results on standard output, everything else on standard error. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  readonly outIsTty: boolean;
  readonly errIsTty: boolean;
  /** Columns of the terminal on standard error now; 80 when there is none. */
  readonly columns: number;
  /** Lines of it; 24 when there is none. */
  readonly rows: number;
  /** May colours be used on standard error? (https://no-color.org, and a terminal that knows them) */
  readonly colours: boolean;
}

/** The terminal of this process. */
export function processTerminal(env: NodeJS.ProcessEnv = process.env): Terminal {
  const { stdout, stderr } = process;
  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    outIsTty: stdout.isTTY === true,
    errIsTty: stderr.isTTY === true && env['TERM'] !== 'dumb',
    get columns() {
      return stderr.columns ?? 80;
    },
    get rows() {
      return stderr.rows ?? 24;
    },
    colours: stderr.isTTY === true && env['TERM'] !== 'dumb' && !env['NO_COLOR'],
  };
}

/**
 * Whoever reads our output may leave early (`| head`): nobody is left to hear anything, so that is the end and no error.
 * Everything else that befalls the output is one.
 */
export function endWithReader(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      process.exit();
    });
  }
}
