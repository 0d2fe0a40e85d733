export { initializerConfig, type InitializerConfig } from './config.ts';
export { type Initializer, startInitializer } from './initializer.ts';
export { type HandsParts, startHands } from './hands.ts';
export { Reports } from './start/reports.ts';
export { Hosts } from './subject/hosts.ts';
export { claimOf } from './watch/leftovers.ts';
