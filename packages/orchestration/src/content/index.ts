export * from './content-rules.ts';
export { foldText } from './fold-text.ts';
export type { Json } from './json.ts';
export type { RuleEngines } from './rule-engines.ts';
