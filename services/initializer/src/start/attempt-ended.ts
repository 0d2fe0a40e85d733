/** An attempt was ended from outside; not a failure of the service. */
export class AttemptEnded extends Error {
  override readonly name = 'AttemptEnded';
  readonly why: 'unwanted' | 'shutdown';
  constructor(why: 'unwanted' | 'shutdown') {
    super(why === 'unwanted' ? 'nobody waits for it any more' : 'the initializer is shutting down');
    this.why = why;
  }
}
