export * from './admission.ts';
export * from './turn.ts';
