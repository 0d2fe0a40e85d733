import { createHash } from 'node:crypto';
import { z } from 'zod';

/** Longest question, in characters. */
export const MAX_TEXT = 100_000;
/** Tables in one message. */
export const MAX_FILES = 8;

/** Models in one price table. */
export const MAX_PRICED_MODELS = 100;

/** The thread service stores no NUL character; said here in words, instead of there by an error. */
const storable = z.string().refine((text) => !text.includes('\u0000'), 'must not contain the NUL character');

export const file = z.object({
  name: storable.min(1).max(300),
  type: storable.max(200).default('text/csv'),
  /** The whole file as text. */
  content: z.string(),
});
export type UploadedFile = z.infer<typeof file>;

export const prices = z.object({
  inputPerMillion: z.number().nonnegative(),
  outputPerMillion: z.number().nonnegative(),
  currency: z.string().max(8).optional(),
  /** For the models of the table by their names there; the prices beside are those of all others. */
  models: z
    .array(
      z.object({
        model: storable.min(1).max(200),
        inputPerMillion: z.number().nonnegative(),
        outputPerMillion: z.number().nonnegative(),
      }),
    )
    .max(MAX_PRICED_MODELS)
    .optional(),
});
export type Prices = z.infer<typeof prices>;

/** What starts a run: one message of one user in one session. */
export const runRequest = z.object({
  /** Empty for users without one. */
  tenant: z.string().max(256).default(''),
  user: z.string().min(1).max(256),
  session: z.string().min(1).max(64),
  message: z.object({
    /** Unique in the session. */
    id: storable.min(1).max(64),
    text: storable.max(MAX_TEXT),
    files: z.array(file).max(MAX_FILES).default([]),
    prices: prices.optional(),
  }),
});
export type RunRequest = z.infer<typeof runRequest>;

/** The conversation that a run belongs to; runs of one conversation happen one after the other. */
export function threadOf({ tenant, user, session }: RunRequest): string {
  return JSON.stringify([tenant, user, session]);
}

/**
 * The id of the run for a message: the same message always has the same run, and no user can name the run of another by choosing an id.
 */
export function runIdOf(request: RunRequest): string {
  return digest([threadOf(request), request.message.id]).slice(0, 32);
}

/** What the message says, to tell a message sent twice from another one with the same id. */
export function contentDigestOf({ message }: RunRequest): string {
  return digest([message.text, JSON.stringify(message.files), JSON.stringify(message.prices ?? null)]);
}

function digest(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts), 'utf8').digest('hex');
}
