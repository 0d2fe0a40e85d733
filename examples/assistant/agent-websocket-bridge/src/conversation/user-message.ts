import { z } from 'zod';

/** Longest question, in characters. */
const MAX_TEXT = 100_000;
/** Tables in one message. */
const MAX_FILES = 8;

/** Models in one price table. */
const MAX_PRICED_MODELS = 100;

const text = z.string().refine((value) => !value.includes('\u0000'), 'must not contain the NUL character');

/** A question. Unknown fields are refused: a misspelt `prices` must not be an analysis without prices. */
const question = z.strictObject({
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
      models: z
        .array(
          z.strictObject({
            model: text.min(1).max(200),
            inputPerMillion: z.number().nonnegative(),
            outputPerMillion: z.number().nonnegative(),
          }),
        )
        .max(MAX_PRICED_MODELS)
        .optional(),
    })
    .optional(),
});
export type Question = z.infer<typeof question>;

/** Ends the run of an earlier message of the same session. */
const cancellation = z.strictObject({ cancel: z.string().min(1).max(64) });

export type UserMessage =
  { kind: 'question'; question: Question } | { kind: 'cancel'; of: string } | { kind: 'bad'; faults: string };

/** What a user says: a question, the id of a message whose run is to end, or neither, with all that is wrong with it. */
export function readUserMessage(data: unknown): UserMessage {
  const cancel = cancellation.safeParse(data);
  if (cancel.success) return { kind: 'cancel', of: cancel.data.cancel };
  const parsed = question.safeParse(data);
  if (parsed.success) return { kind: 'question', question: parsed.data };
  return { kind: 'bad', faults: z.prettifyError(parsed.error) };
}
