export * from './command.ts';
export * from './mint.ts';
export * from './reconcile.ts';
export * from './retry-policy.ts';
export * from './timing.ts';
export { transition, transitions } from './transition.ts';
