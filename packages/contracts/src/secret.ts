import { z } from 'zod';

/** The name of a secret in a catalog, as templates name it: `{secrets.NAME}`. */
const secretName = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,47}$/, 'a lower-case letter, then lower-case letters, digits, _ or -');

/** Where the initializer gets a secret at each start: a variable of its own environment, or a file. The secret itself is in no catalog. */
const secretSource = z.union([
  z.strictObject({ env: z.string().regex(/^[A-Za-z_]\w*$/, 'a name of an environment variable') }),
  z.strictObject({ file: z.string().min(1) }),
]);
export type SecretSource = z.infer<typeof secretSource>;

export const secretSources = z.record(secretName, secretSource);
