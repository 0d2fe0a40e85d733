import { type ClientFrame, clientFrame, clientFrameTypes, refusalCodes, type RefusalCode } from '@reveille/contracts';
import type { Json } from '@reveille/orchestration';
import type { RawData } from 'ws';
import { maximumDepth, parseJson } from '../upstream/json-text.ts';

export type Dispatched =
  | { kind: 'frame'; frame: ClientFrame }
  /** The socket is closed 4501. */
  | { kind: 'malformed'; reason: string }
  /** Answered by `error`; the socket stays. */
  | { kind: 'refused'; code: RefusalCode; message: string; id?: string };

/** What a client's WebSocket message is. Strangers write these: nothing here throws, whatever they send. */
export function readClientFrame(data: RawData, isBinary: boolean): Dispatched {
  if (isBinary) return { kind: 'malformed', reason: 'a binary frame' };
  const parsed = parseJson(String(data));
  if (!parsed.ok && parsed.why === 'not_json') return { kind: 'malformed', reason: 'not JSON' };
  if (!parsed.ok) {
    const message = `${refusalCodes.bad_frame} It is nested deeper than ${maximumDepth}.`;
    return { kind: 'refused', code: 'bad_frame', message };
  }
  const { json } = parsed;
  if (!isObject(json)) return { kind: 'malformed', reason: 'not an object' };
  const type = own(json, 'type');
  if (typeof type !== 'string') return { kind: 'malformed', reason: 'no type' };
  const id = own(json, 'id');
  const about = typeof id === 'string' && id.length <= 64 ? { id } : {};
  if (!clientFrameTypes.some((known) => known === type)) {
    return { kind: 'refused', code: 'unknown_type', message: refusalCodes.unknown_type, ...about };
  }
  // The schema sees the envelope only: the data stays the value that was parsed, whatever its keys are called.
  const carried = own(json, 'data');
  const result = clientFrame.safeParse(carried === undefined ? json : { ...json, data: null });
  if (!result.success) {
    const where = result.error.issues.map((issue) => issue.path.join('.')).filter((path) => path !== '');
    const fields = [...new Set(where)].slice(0, 5).join(', ');
    return { kind: 'refused', code: 'bad_frame', message: `${refusalCodes.bad_frame} Look at: ${fields}.`, ...about };
  }
  const frame = result.data;
  if (frame.type !== 'send') return { kind: 'frame', frame };
  return { kind: 'frame', frame: { ...frame, data: carried as typeof frame.data } };
}

function isObject(json: Json): json is { readonly [key: string]: Json } {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

function own(json: { readonly [key: string]: Json }, key: string): Json | undefined {
  return Object.hasOwn(json, key) ? json[key] : undefined;
}
