import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** Something that keeps an invariant, and how to take it out: then the test must fail. */
const guard = z.strictObject({
  /** Its number in `ARCHITECTURE.md`, "What always holds". */
  invariant: z.number().int().min(1).max(10),
  guard: z.string().min(1),
  /** From the root. */
  file: z.string(),
  /** Stands in the file exactly once. */
  text: z.string().min(1),
  replacement: z.string(),
  /** `name`: a pattern of the names of the tests to run; default: all of the file. */
  test: z.strictObject({ project: z.string(), file: z.string(), name: z.string().optional() }),
});
export type Guard = z.infer<typeof guard>;

export function readGuards(root: string): Guard[] {
  return z.array(guard).parse(JSON.parse(readFileSync(join(root, 'e2e/guards.json'), 'utf8')));
}

/** The file without the guard. @throws Error when the text is not there exactly once: then nobody knows what guards */
export function withoutGuard({ guard: name, file, text, replacement }: Guard, source: string): string {
  const parts = source.split(text);
  if (parts.length !== 2)
    throw new Error(`guard "${name}": its text is ${parts.length - 1} times in ${file}, and has to be there once`);
  return parts.join(replacement);
}
