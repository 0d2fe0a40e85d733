/** Stands in for `ws`: everything but its sockets is as it is. */
export * from 'ws';
export { default } from 'ws';
export { UpstreamServer as WebSocketServer, UpstreamSide as WebSocket } from './upstream.ts';
