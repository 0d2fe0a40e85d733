import { Duplex } from 'node:stream';
import { createLogger } from '@reveille/telemetry';
import { expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import { encode, prepare } from '../../src/deliver/encoded.ts';
import { Outbox } from '../../src/session/outbox.ts';

const frame = (id: string) => ({ type: 'accepted', id }) as const;

/** An outbox that is high above 1000 bytes, and the ids of what left it. */
function outboxOf(onPressure: (outbox: Outbox, high: boolean) => void) {
  const left: string[] = [];
  const connection = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _encoding, done) => {
      left.push(...Array.from(chunk.toString('latin1').matchAll(/"id":"(\w+)"/g), ([, id = '']) => id.slice(0, 10)));
      done();
    },
  });
  const socket = { OPEN: 1, readyState: 1, bufferedAmount: 0 } as WebSocket;
  const of = { socket, connection, logger: createLogger({ name: 'edge', level: 'fatal' }) };
  const bounds = { pauseBytes: 1_000, outboxBytes: 64_000, slowClientMs: 60_000 };
  const outbox: Outbox = new Outbox(of, bounds, (high) => onPressure(outbox, high));
  return { outbox, left };
}

test('what the client is told when it has caught up comes behind all that was written before', async () => {
  const { outbox, left } = outboxOf((of, high) => !high && of.writeWhole(prepare([frame('snapshot')])));
  using _ = outbox;
  const kept = Promise.withResolvers<boolean>();
  outbox.writeAfter(kept.promise, encode(frame('x'.repeat(2_000))));
  for (const id of ['first', 'second', 'third']) outbox.write(encode(frame(id)));
  expect(outbox.isHigh).toBe(true);
  kept.resolve(false);
  await expect.poll(() => left).toEqual(['first', 'second', 'third', 'snapshot']);
});

test('the service goes on also when all that waited is dropped', async () => {
  const pressures: boolean[] = [];
  const { outbox, left } = outboxOf((_, high) => pressures.push(high));
  using _ = outbox;
  outbox.writeAfter(Promise.resolve(false), encode(frame('x'.repeat(2_000))));
  await expect.poll(() => pressures).toEqual([true, false]);
  expect(left).toEqual([]);
});
