import { z } from 'zod';

/** Why something was not done, by the status that it is answered with. */
const statuses = {
  bad_request: 400,
  unauthorized: 401,
  not_found: 404,
  in_use: 409,
  paused: 409,
  changing: 409,
  broker_unavailable: 503,
  internal: 500,
} as const;
export type ProblemCode = keyof typeof statuses;

export const problemBody = z.object({
  error: z.object({
    code: z.enum(Object.keys(statuses) as [ProblemCode, ...ProblemCode[]]),
    message: z.string(),
    details: z.array(z.string()).optional(),
  }),
});

/** A refusal in words, for whoever called. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: ProblemCode;
  readonly details: readonly string[];

  constructor(code: ProblemCode, message: string, details: readonly string[] = []) {
    super(message);
    this.code = code;
    this.details = details;
  }

  get status(): number {
    return statuses[this.code];
  }

  get body(): z.infer<typeof problemBody> {
    const { code, message, details } = this;
    return { error: { code, message, ...(details.length === 0 ? {} : { details: [...details] }) } };
  }
}
