/** What the check needs and this floor does not have: the engines that will run expressions and schemas. */
export type CatalogCheckTools = {
  /** Why the expression cannot be compiled (RE2 syntax), or undefined when it can. */
  regexFault(pattern: string): string | undefined;
  /** Why the JSON Schema cannot be compiled, or undefined when it can. */
  schemaFault(schema: Record<string, unknown>): string | undefined;
  /** Services that are declared but could not be read, so that the rules can be checked on the rest of a faulty catalog. */
  unreadable?: ReadonlySet<string>;
};
