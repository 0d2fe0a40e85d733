export type { Blame } from './blame.ts';
export * from './compare.ts';
export { type ChainSegment, criticalChain } from './critical-chain.ts';
export * from './explanation.ts';
export * from './instance-timeline.ts';
export { lengthOf, type Phase, type PhaseKind, phaseKinds } from './phase.ts';
export type * from './run.ts';
export { doing, sentenceOf } from './sentence.ts';
export { slackOf } from './slack.ts';
