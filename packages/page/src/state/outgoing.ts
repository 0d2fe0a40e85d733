import type { Json } from '@reveille/client';
import { bytesWords } from './amounts.ts';
import type { Session } from './page-state.ts';
import type { TextFile } from './text-file.ts';

/** A message as services get it: `{text}`, or the JSON object that was written, with `files` when there are some. */
export function messageOf(text: string, files: readonly TextFile[]): Json {
  const sent = files.map(({ name, type, content }) => ({ name, type, content }));
  return { ...(jsonObject(text) ?? { text }), ...(sent.length === 0 ? {} : { files: sent }) };
}

function jsonObject(text: string): { [key: string]: Json } | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    return JSON.parse(text) as { [key: string]: Json };
  } catch {
    // It only looks like one: then it is a text like any other.
    return undefined;
  }
}

export function bytesOf(data: Json): number {
  return new TextEncoder().encode(JSON.stringify(data)).length;
}

/** Why this would not be taken, in words; undefined when it would. */
export function sizeRefusal(bytes: number, session: Session | undefined, ready: boolean): string | undefined {
  if (session === undefined) return undefined;
  if (bytes > session.messageBytes)
    return `This message has ${bytesWords(bytes)}; at most ${bytesWords(session.messageBytes)} can be sent at once.`;
  if (!ready && bytes > session.heldBytes)
    return `This message has ${bytesWords(bytes)}. While the service starts, at most ${bytesWords(session.heldBytes)} can be kept for it: send it when the service is ready.`;
  return undefined;
}
