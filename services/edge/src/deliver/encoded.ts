import type { InitializationFrame, ServerFrame } from '@reveille/contracts';
import * as ws from 'ws';

/** Of ws, but not in its types: what surrounds a message on the wire. A server masks nothing, so that it is the same for every socket. */
const { Sender } = ws as unknown as {
  Sender: {
    frame(data: Buffer, options: Record<'fin' | 'mask' | 'readOnly' | 'rsv1', boolean> & { opcode: 1 }): Buffer[];
  };
};

/** A server frame as it goes onto the wire. One encoding serves every socket that gets it. */
export type Encoded = Buffer & { readonly encoded: true };

export function encode(frame: ServerFrame): Encoded {
  return Buffer.from(JSON.stringify(frame)) as Encoded;
}

const framed = new WeakMap<Encoded, Buffer>();

/** The frame with its WebSocket header, in one buffer: made once, and written to every socket that gets it by one plain write. */
export function onTheWire(frame: Encoded): Buffer {
  const known = framed.get(frame);
  if (known !== undefined) return known;
  const parts = Sender.frame(frame, { fin: true, opcode: 1, mask: false, readOnly: true, rsv1: false });
  const whole = Buffer.concat(parts);
  framed.set(frame, whole);
  return whole;
}

/** Log lines of services are for the roles that an entrypoint names: the only difference between the audiences of a plan. */
export type Audience = 'with_log_tail' | 'without_log_tail';

/** Frames as they go onto the wire, headers included: one buffer, whatever their number, and whoever gets it. */
export type Prepared = Buffer & { readonly prepared: true };

export function prepare(frames: readonly ServerFrame[]): Prepared {
  return Buffer.concat(frames.map((frame) => onTheWire(encode(frame)))) as Prepared;
}

/** Prepares when first asked, once for each audience, and once for both when the frames have nothing to hide. */
export function forAudiences(frames: readonly InitializationFrame[]): (audience: Audience) => Prepared {
  const bare = frames.map(withoutLogTail);
  const hides = bare.some((frame, at) => frame !== frames[at]);
  let open: Prepared | undefined;
  let closed: Prepared | undefined;
  return (audience) =>
    hides && audience === 'without_log_tail' ? (closed ??= prepare(bare)) : (open ??= prepare(frames));
}

function withoutLogTail(frame: InitializationFrame): InitializationFrame {
  if (!('failure' in frame) || frame.failure.logTail === undefined) return frame;
  const { logTail: _, ...failure } = frame.failure;
  return { ...frame, failure };
}
