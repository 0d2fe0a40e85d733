export * from './admission/index.ts';
export * from './content/index.ts';
export * from './explain/index.ts';
export * from './instance/index.ts';
export * from './plan/index.ts';
export * from './port/index.ts';
export * from './view/index.ts';
