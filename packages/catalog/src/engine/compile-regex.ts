import { RE2JS } from 're2js';

/** Longest pattern taken, in characters. */
export const maxPatternLength = 1000;

/** A catalog has few expressions, and each start of a service asks for those of its own. Beyond this many all are compiled anew. */
const compiledLimit = 1000;
const compiled = new Map<string, RE2JS>();

/**
 * A search for the expression anywhere in a text, in RE2 syntax: no backreferences, no lookaround, and time that grows with the length of
 * the text alone, whatever text it meets. Throws an error that says what is wrong with the pattern.
 */
export function compileRegex(pattern: string): (text: string) => boolean {
  if (pattern.length > maxPatternLength)
    throw new Error(`the expression is longer than ${maxPatternLength} characters`);
  let expression = compiled.get(pattern);
  if (expression === undefined) {
    expression = RE2JS.compile(pattern);
    if (compiled.size >= compiledLimit) compiled.clear();
    compiled.set(pattern, expression);
  }
  return (text) => expression.matcher(text).find();
}

/** Why a pattern cannot be compiled, or undefined when it can. */
export function regexFault(pattern: string): string | undefined {
  try {
    compileRegex(pattern);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message.replace(/^error parsing regexp: /, '') : String(error);
  }
}
