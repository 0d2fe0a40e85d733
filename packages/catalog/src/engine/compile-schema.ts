import { Ajv2020 } from 'ajv/dist/2020.js';
import { compileRegex } from './compile-regex.ts';

/** Expressions within schemas run on the same engine as `matches`, bounded in time. */
const boundedRegExp = Object.assign(
  (pattern: string) => {
    const test = compileRegex(pattern);
    // The validator keeps expressions by their text: without one of its own each would stand for all.
    return { test, toString: () => `/${pattern}/` };
  },
  { code: 'boundedRegExp' },
);

/**
 * Does a value fit this JSON Schema (2020-12)? Unknown keywords, unknown formats and references to other documents are refused, so that
 * no part of a rule is silently without effect. Values are never changed. Throws an error that says what is wrong with the schema.
 */
export function compileSchema(schema: Record<string, unknown>): (value: unknown) => boolean {
  if (schema.$async !== undefined) throw new Error('$async is not part of JSON Schema');
  // One validator each: two rules may carry the same $id, and nothing is kept when a catalog is replaced.
  const ajv = new Ajv2020({
    strict: true,
    strictTypes: false,
    strictRequired: false,
    strictTuples: false,
    validateFormats: true,
    logger: false,
    code: { regExp: boundedRegExp },
  });
  const validate = ajv.compile(schema);
  return (value) => validate(value) === true;
}

/** Why a schema cannot be compiled, or undefined when it can. */
export function schemaFault(schema: Record<string, unknown>): string | undefined {
  try {
    compileSchema(schema);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
