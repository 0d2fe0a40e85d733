export * from './assertion.ts';
export * from './edge-key.ts';
export * from './instance-key.ts';
