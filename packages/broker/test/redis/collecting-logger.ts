import type { BrokerLogger } from '@reveille/broker';
import { Inbox } from '../conformance/inbox.ts';

export type Line = { level: string; message: string; fields: unknown };

/** A logger whose lines a test can wait for. */
export function collectingLogger(): BrokerLogger & { lines: Inbox<Line> } {
  const lines = new Inbox<Line>();
  const at =
    (level: string) =>
    (fields: unknown, message?: string): void =>
      lines.put({ level, fields, message: message ?? String(fields) });
  return { lines, info: at('info'), warn: at('warn'), error: at('error'), debug: at('debug') };
}
