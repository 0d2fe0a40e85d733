export { connect } from './connect.ts';
export { ReveilleError, type ReveilleErrorCode } from './reveille-error.ts';
export type { MessageFrame } from './answers.ts';
export type { ConnectOptions, Resume, ReveilleClient, SendOptions } from './client.ts';
export type { Closed } from './connection.ts';
export type { FrameListener, FrameOf } from './frame-listeners.ts';
export type { Json, OutboxBounds } from './outbox.ts';
export type { ClientState } from './readiness.ts';
export type { ReconnectBounds } from './reconnect.ts';
