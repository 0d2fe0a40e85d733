import type { ServerResponse } from 'node:http';

/** The log of a pod, and whoever follows it. */
export type PodLog = { text: string; ended: boolean; listeners: Set<() => void> };

/** What is in a log, and what comes, until it has ended. */
export function follow(log: PodLog, response: ServerResponse): void {
  response.writeHead(200);
  response.flushHeaders();
  let sent = 0;
  const more = (): void => {
    if (log.text.length > sent) response.write(log.text.slice(sent));
    sent = log.text.length;
    if (log.ended) response.end();
  };
  log.listeners.add(more);
  response.once('close', () => log.listeners.delete(more));
  more();
}
