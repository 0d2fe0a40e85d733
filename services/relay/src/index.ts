export { relayConfig, type RelayConfig } from './config.ts';
export { type Relay, startRelay } from './relay.ts';
export { type RoutingParts, startRouting } from './start-routing.ts';
