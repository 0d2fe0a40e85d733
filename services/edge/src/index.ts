export { type AuthConfig } from './accept/authenticate.ts';
export { edgeConfig, type EdgeConfig } from './config.ts';
export { type Edge, type EdgeOptions, startEdge } from './edge.ts';
export { defaultTimings, type EdgeTimings } from './timings.ts';
