import { z } from 'zod';

/** Longest question, in characters. */
const MAX_TEXT = 100_000;
/** Tables in one message. */
const MAX_FILES = 8;

const text = z.string().refine((value) => !value.includes('\u0000'), 'must not contain the NUL character');

/** What a user may send. Unknown fields are refused: a misspelt `prices` must not be an analysis without prices. */
const userMessage = z.strictObject({
  text: text.max(MAX_TEXT),
  files: z
    .array(
      z.strictObject({
        name: text.min(1).max(300),
        type: text.max(200).default('text/csv'),
        /** The whole file as text. */
        content: z.string(),
      }),
    )
    .max(MAX_FILES)
    .optional(),
  prices: z
    .strictObject({
      inputPerMillion: z.number().nonnegative(),
      outputPerMillion: z.number().nonnegative(),
      currency: z.string().max(8).optional(),
    })
    .optional(),
});
export type UserMessage = z.infer<typeof userMessage>;

/** The message, or all that is wrong with it. */
export function readUserMessage(data: unknown): { message: UserMessage } | { faults: string } {
  const parsed = userMessage.safeParse(data);
  return parsed.success ? { message: parsed.data } : { faults: z.prettifyError(parsed.error) };
}
