export interface FailureWords {
  code: string;
  message: string;
  /** What to do about it. */
  advice: string;
  expected?: string;
  found?: string;
}

/** A failure that was foreseen: its words are for the user. */
export class RunFailure extends Error {
  readonly words: FailureWords;

  constructor(words: FailureWords, options?: ErrorOptions) {
    super(words.message, options);
    this.name = 'RunFailure';
    this.words = words;
  }
}

/** Why a run was told to stop; the reason of its signal. */
export class RunStopped extends RunFailure {}

export function cancelled(): RunStopped {
  return new RunStopped({
    code: 'cancelled',
    message: 'This run was cancelled before it was done.',
    advice: 'Send the question again when you want the answer after all.',
  });
}

export function timedOut(ms: number): RunStopped {
  return new RunStopped({
    code: 'run_timeout',
    message: `The analysis was not done within ${ms / 1000} seconds, so it was ended.`,
    advice: 'Send a shorter time span, or ask about one thing only.',
  });
}

export function stopping(): RunStopped {
  return new RunStopped({
    code: 'service_stopping',
    message: 'The agent supervisor is being stopped, so this run was ended.',
    advice: 'Send the question again in a moment.',
  });
}

/** The words for whatever ended a run. What nobody foresaw is told without its inside. */
export function wordsFor(error: unknown): FailureWords {
  if (error instanceof RunFailure) return error.words;
  return {
    code: 'internal_error',
    message: 'The agent supervisor failed while it worked on this message.',
    advice: 'Send it again. If that fails too, give the trace id to whoever runs this service: the log says why.',
  };
}
