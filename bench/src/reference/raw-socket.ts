import { once } from 'node:events';
import { WebSocket } from 'ws';

/** A bare WebSocket connection. */
export async function openRaw(url: string): Promise<WebSocket> {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  await once(socket, 'open');
  return socket;
}

export async function closeRaw(socket: WebSocket): Promise<void> {
  const closed = once(socket, 'close');
  socket.close(1000);
  await closed;
}

/** Sends a text and waits until it comes back. */
export async function echo(socket: WebSocket, text: string): Promise<void> {
  socket.send(text);
  await once(socket, 'message');
}
