import type { ServerResponse } from 'node:http';

/** The log of a pod, and whoever follows it. */
export type PodLog = { text: string; ended: boolean; listeners: Set<() => void> };

/** What is in a log, and what comes, until it has ended; with `timestamps` in the query a time before each line. */
export function follow(log: PodLog, response: ServerResponse, query: URLSearchParams): void {
  const shown = query.get('timestamps') === 'true' ? stamped : (text: string) => text;
  response.writeHead(200);
  response.flushHeaders();
  let sent = 0;
  const more = (): void => {
    const text = shown(log.text);
    if (text.length > sent) response.write(text.slice(sent));
    sent = text.length;
    if (log.ended) response.end();
  };
  log.listeners.add(more);
  response.once('close', () => log.listeners.delete(more));
  more();
}

/** A nanosecond from line to line, without the zeros at the end, as Kubernetes writes them. */
function stamped(text: string): string {
  const stamp = (line: number): string => `2026-01-01T00:00:00.${`${line + 1}`.padStart(9, '0').replace(/0+$/, '')}Z`;
  return text
    .split('\n')
    .map((line, index) => (line === '' ? '' : `${stamp(index)} ${line}`))
    .join('\n');
}
