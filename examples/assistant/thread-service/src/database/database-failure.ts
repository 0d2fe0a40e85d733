/** Why the database could not be opened. The message says what to do; it holds no password. */
export class DatabaseFailure extends Error {
  readonly code: 'locked' | 'unusable_directory' | 'corrupt' | 'unreachable';

  constructor(code: DatabaseFailure['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'DatabaseFailure';
    this.code = code;
  }
}
