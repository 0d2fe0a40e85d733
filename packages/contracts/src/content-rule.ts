import { z } from 'zod';

/** `$`, then `.name` and `[0]` steps. */
export const jsonPath = z.string().regex(/^\$(\.[A-Za-z_][\w-]*|\[\d+\])*$/, 'a path such as $.a.b[0], or $');

const tests = {
  equals: z.string().optional(),
  startsWith: z.string().optional(),
  contains: z.string().optional(),
  matches: z.string().optional(),
  exists: z.boolean().optional(),
};
export const ruleTests = ['equals', 'startsWith', 'contains', 'matches', 'exists'] as const;

/** One look at one place of a frame: `path` with exactly one test. */
export const condition = z.strictObject({ path: jsonPath, ...tests }).superRefine((value, context) => {
  const given = ruleTests.filter((test) => value[test] !== undefined);
  if (given.length !== 1)
    context.addIssue({
      code: 'custom',
      message: `exactly one of ${ruleTests.join(', ')} is expected, found ${given.join(' and ') || 'none'}`,
    });
});
export type Condition = z.infer<typeof condition>;

/** A frame that meets this is not shown. A `schema` (JSON Schema) may stand instead of a path: a frame that fits it is forbidden. */
export const forbidRule = z.union([condition, z.strictObject({ schema: z.record(z.string(), z.json()) })]);
export type ForbidRule = z.infer<typeof forbidRule>;

/** A frame that meets `when` (every frame without it) must meet one of `anyOf`, or fit `schema`. */
export const requireRule = z
  .strictObject({
    when: condition.optional(),
    anyOf: z.array(condition).min(1).optional(),
    schema: z.record(z.string(), z.json()).optional(),
  })
  .superRefine((value, context) => {
    if ((value.anyOf === undefined) === (value.schema === undefined))
      context.addIssue({ code: 'custom', message: 'exactly one of anyOf, schema is expected' });
  });
export type RequireRule = z.infer<typeof requireRule>;
