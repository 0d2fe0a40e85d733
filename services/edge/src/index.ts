export { type AuthConfig } from './accept/authenticate.ts';
export { type Entrance } from './accept/entrance.ts';
export { edgeConfig, type EdgeConfig } from './config.ts';
export { CurrentCatalog } from './current-catalog.ts';
export { type Edge, type EdgeOptions, startEdge } from './edge.ts';
export { type Sessions } from './session/sessions.ts';
export { type SessionsParts, startSessions } from './start-sessions.ts';
export { defaultTimings, type EdgeTimings } from './timings.ts';
