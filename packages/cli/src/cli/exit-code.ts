/** What the exit status of a command says. */
export const exitCodes = {
  done: 0,
  /** It was tried and failed; the failure is printed. */
  failed: 1,
  /** Wrong usage or configuration: nothing was tried. */
  usage: 2,
  /** Nobody answers at the address. */
  unreachable: 3,
  /** `--timeout` ran out (as coreutils `timeout` has it). */
  deadline: 124,
  /** Ctrl-C (128 + SIGINT). */
  interrupted: 130,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
