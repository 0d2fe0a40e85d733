import type { WebSocket, WebSocketServer } from 'ws';

/** An edge whose host vanished closes nothing: without a pong for one period its connection is cut and the session lingers. */
const defaultPeriodMs = 15_000;

/** Pings every connection once per period. Stop it with `clearInterval`; it keeps no process alive. */
export function keepAlive(webSockets: WebSocketServer, periodMs = defaultPeriodMs): NodeJS.Timeout {
  const silent = new WeakSet<WebSocket>();
  const timer = setInterval(() => {
    for (const connection of webSockets.clients) {
      if (silent.has(connection)) {
        connection.terminate();
        continue;
      }
      silent.add(connection);
      connection.once('pong', () => silent.delete(connection));
      connection.ping();
    }
  }, periodMs);
  return timer.unref();
}
