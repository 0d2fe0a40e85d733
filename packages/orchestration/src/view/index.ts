export * from './initialization-frames.ts';
export * from './plan-state.ts';
export * from './service-frames.ts';
export type { Telling } from './telling.ts';
