import type { Failure, RefusalOrFailureCode } from '@reveille/contracts';

/**
 * Beside the codes of the protocol: `interrupted`: accepted, but perhaps never answered. `closed`: the connection ended for good.
 * `aborted`: by a signal of yours. `overflow`: a reader of this client was too slow for its bound.
 */
export type ReveilleErrorCode = RefusalOrFailureCode | 'interrupted' | 'closed' | 'aborted' | 'overflow';

/** Every refusal and failure that this client reports. */
export class ReveilleError extends Error {
  override readonly name = 'ReveilleError';
  readonly code: ReveilleErrorCode;
  /** The root cause, when an initialization failed. */
  readonly failure?: Failure;
  /** When trying again makes sense, in milliseconds from now. */
  readonly retryAfterMs?: number;
  /** The close code of the socket, with `closed`. */
  readonly closeCode?: number;

  constructor(
    code: ReveilleErrorCode,
    message: string,
    more: {
      failure?: Failure | undefined;
      retryAfterMs?: number | undefined;
      closeCode?: number | undefined;
      cause?: unknown;
    } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.code = code;
    if (more.failure !== undefined) this.failure = more.failure;
    if (more.retryAfterMs !== undefined) this.retryAfterMs = more.retryAfterMs;
    if (more.closeCode !== undefined) this.closeCode = more.closeCode;
  }
}
