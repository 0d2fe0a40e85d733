export { initializerConfig, type InitializerConfig } from './config.ts';
export { type Initializer, startInitializer } from './initializer.ts';
