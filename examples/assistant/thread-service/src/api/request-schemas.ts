import { z } from 'zod';

/** PostgreSQL stores no NUL character; said here in words, instead of there by an error. */
const text = z.string().refine((value) => !value.includes('\u0000'), 'must not contain the NUL character');

/** Longest message text, in characters. */
const MAX_TEXT = 1024 * 1024;
const MAX_LISTED = 500;

export const ownerHeaders = z.object({
  'x-reveille-tenant': z.string().max(300),
  'x-reveille-user': z.string().min(1).max(300),
});

export const session = text.min(1).max(300);

export const messageBody = z.strictObject({
  id: text.min(1).max(200),
  role: z.enum(['user', 'assistant', 'system']),
  text: text.max(MAX_TEXT),
  data: z
    .json()
    .optional()
    .transform((data) => data ?? null)
    .refine((data) => !JSON.stringify(data).includes(String.raw`\u0000`), 'must not contain the NUL character'),
});

export const messagesQuery = z.object({
  limit: z.coerce.number().int().min(1).max(MAX_LISTED).default(100),
  before: z.coerce.number().int().min(1).optional(),
});

export const tableBody = z.strictObject({
  name: text.min(1).max(300),
  type: text.max(200).default('text/csv'),
  content: text.min(1),
});

export const hash = z.string().regex(/^[0-9a-f]{64}$/, 'a hash is 64 hexadecimal digits');
