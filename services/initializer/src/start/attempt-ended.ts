const words = {
  unwanted: 'nobody waits for it any more',
  requested: 'an operator wants it to end',
  shutdown: 'the initializer is shutting down',
} as const;

/** An attempt was ended from outside; not a failure of the service. */
export class AttemptEnded extends Error {
  override readonly name = 'AttemptEnded';
  readonly why: keyof typeof words;
  constructor(why: keyof typeof words) {
    super(words[why]);
    this.why = why;
  }
}
