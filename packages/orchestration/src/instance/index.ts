export * from './command.ts';
export { attemptsOf, cooldownOf } from './cooldown.ts';
export * from './mint.ts';
export * from './next-commit.ts';
export * from './reconcile.ts';
export * from './retry-policy.ts';
export * from './timing.ts';
export { transition, transitions } from './transition.ts';
export * from './wanted.ts';
