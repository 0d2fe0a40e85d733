import type { Logger } from '@reveille/telemetry';

export type BrokerLogger = Pick<Logger, 'info' | 'warn' | 'error' | 'debug'>;

/** For callers that gave no logger. */
export const silentLogger: BrokerLogger = { info() {}, warn() {}, error() {}, debug() {} };
