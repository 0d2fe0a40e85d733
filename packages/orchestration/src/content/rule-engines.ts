/** The engines that rules need. Both throw on what they cannot compile; a checked catalog holds nothing of the kind. */
export type RuleEngines = {
  /** A search anywhere in the text, bounded in time. */
  compileRegex(pattern: string): (text: string) => boolean;
  /** Does the value fit this JSON Schema? */
  compileSchema(schema: Record<string, unknown>): (value: unknown) => boolean;
};
