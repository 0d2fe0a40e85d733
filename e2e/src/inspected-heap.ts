import type { Deployable } from './deployables.ts';

/** Makes a deployable say on its standard error where it can be inspected, on a free port of the loopback. */
export const inspectable = { NODE_OPTIONS: '--inspect=127.0.0.1:0' };

/**
 * What a deployable still refers to, in bytes, after its garbage was collected: the heap, and what lies outside of it for buffers. Unlike resident
 * memory it does not depend on when a collector wants to run.
 */
export async function liveBytes({ errors }: Deployable): Promise<number> {
  const [, url] =
    errors.map((line) => /^Debugger listening on (ws:\S+)/.exec(line)).find((match) => match !== null) ?? [];
  if (url === undefined) throw new Error('the deployable was not started to be inspected');
  const socket = new WebSocket(url);
  try {
    await new Promise((resolve, reject) => {
      socket.addEventListener('open', resolve);
      socket.addEventListener('error', reject);
    });
    // Twice: finalizers of the first one let go of more.
    await ask(socket, 'HeapProfiler.collectGarbage');
    await ask(socket, 'HeapProfiler.collectGarbage');
    const { usedSize, backingStorageSize } = await ask(socket, 'Runtime.getHeapUsage');
    return (usedSize ?? Number.NaN) + (backingStorageSize ?? 0);
  } finally {
    socket.close();
  }
}

let questions = 0;

function ask(socket: WebSocket, method: string): Promise<Record<string, number>> {
  const id = (questions += 1);
  return new Promise((resolve, reject) => {
    const hear = ({ data }: MessageEvent): void => {
      const answer = JSON.parse(String(data)) as { id?: number; result?: Record<string, number>; error?: object };
      if (answer.id !== id) return;
      socket.removeEventListener('message', hear);
      if (answer.result === undefined) reject(new Error(JSON.stringify(answer.error)));
      else resolve(answer.result);
    };
    socket.addEventListener('message', hear);
    socket.send(JSON.stringify({ id, method }));
  });
}
