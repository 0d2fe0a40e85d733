export { relayConfig, type RelayConfig } from './config.ts';
export { type Relay, startRelay } from './relay.ts';
