import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EmitLog } from '../../src/sessions/emit-log.ts';
import { defaultSessionLimits } from '../../src/sessions/session-limits.ts';
import type { UpstreamSession } from '../../src/index.ts';
import { connectEdge, startService, type Service } from './edge.ts';

async function openService(
  options: Partial<Parameters<typeof startService>[0]> = {},
): Promise<{ service: Service; session: () => UpstreamSession; sessions: UpstreamSession[] }> {
  const sessions: UpstreamSession[] = [];
  const service = await startService({ onSession: (session) => void sessions.push(session), ...options });
  return {
    service,
    sessions,
    session: () => {
      const latest = sessions.at(-1);
      if (!latest) throw new Error('there is no session');
      return latest;
    },
  };
}

describe('what a service emits', () => {
  it('is numbered from 1 and says what it answers', async () => {
    const { service, session } = await openService();
    const edge = await connectEdge(service);
    await session().emit({ text: 'hello' });
    await session().emit('end', { re: 'm1', final: true });
    expect(await edge.next()).toEqual({ type: 'emit', n: 1, data: { text: 'hello' } });
    expect(await edge.next()).toEqual({ type: 'emit', n: 2, data: 'end', re: 'm1', final: true });
  });

  it('is sent again after what the edge has stored', async () => {
    const { service, session, sessions } = await openService();
    const first = await connectEdge(service);
    for (const n of [1, 2, 3]) await session().emit(n);
    first.send({ type: 'stored', n: 1 });
    await first.handled();
    await first.vanish();
    await session().emit(4);
    const second = await connectEdge(service, { stored: 2 });
    expect([await second.next(), await second.next()]).toMatchObject([
      { n: 3, data: 3 },
      { n: 4, data: 4 },
    ]);
    await second.handled();
    expect(second.unread).toEqual([]);
    expect(sessions).toHaveLength(1);
  });

  it('goes to the newer connection, and the older one is closed', async () => {
    const { service, session, sessions } = await openService();
    const older = await connectEdge(service);
    await session().emit(1);
    expect(await older.next()).toMatchObject({ n: 1 });
    const newer = await connectEdge(service, { stored: 1 });
    expect(await older.closed).toEqual({ code: 4000, reason: 'replaced by a newer connection' });
    // By now the service has seen that end too: it must not take it for the end of the newer one.
    await newer.handled();
    await session().emit(2);
    expect(await newer.next()).toMatchObject({ n: 2 });
    expect(older.unread).toEqual([]);
    expect(sessions).toHaveLength(1);
  });

  it('waits for the edge when too much is unconfirmed', async () => {
    const { service, session } = await openService({ limits: { keptMessages: 2 } });
    const edge = await connectEdge(service);
    await session().emit(1);
    await session().emit(2);
    let third = 'waits';
    const emitted = session()
      .emit(3)
      .then(() => (third = 'sent'));
    await edge.handled();
    expect(third).toBe('waits');
    expect(edge.unread).toHaveLength(2);
    edge.send({ type: 'stored', n: 1 });
    await emitted;
    expect([await edge.next(), await edge.next(), await edge.next()]).toMatchObject([{ n: 1 }, { n: 2 }, { n: 3 }]);
  });

  it('that is no JSON or too large is an error of the service, and takes no number', async () => {
    const { service, session } = await openService({ limits: { frameBytes: 1500 } });
    const edge = await connectEdge(service);
    await expect(session().emit(JSON.parse('"x"').missing)).rejects.toThrow(TypeError);
    await expect(session().emit('x'.repeat(1500))).rejects.toThrow(RangeError);
    await session().emit('fits');
    expect(await edge.next()).toMatchObject({ n: 1, data: 'fits' });
  });

  it('goes on from what the edge has in a session that begins anew', async () => {
    const { service, session } = await openService();
    const edge = await connectEdge(service, { stored: 7 });
    await session().emit('next');
    expect(await edge.next()).toMatchObject({ n: 8 });
  });

  it('begins a session anew when the edge lost what it had confirmed, and never shows a gap', async () => {
    const { service, session, sessions } = await openService();
    const first = await connectEdge(service);
    for (const n of [1, 2, 3]) await session().emit(n);
    first.send({ type: 'stored', n: 2 });
    await first.handled();
    const second = await connectEdge(service, { stored: 0 });
    expect(sessions).toHaveLength(2);
    expect(sessions[0]?.signal.aborted).toBe(true);
    await session().emit('anew');
    expect(await second.next()).toMatchObject({ n: 1, data: 'anew' });
  });
});

describe('the emits of a session', () => {
  it('reach the edge once and in order through any reconnects and confirmations', async () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('emit' as const) }),
      fc.record({ do: fc.constant('store' as const), share: fc.double({ min: 0, max: 1, noNaN: true }) }),
      fc.record({ do: fc.constant('reconnect' as const) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const edge: number[] = [];
        let online = true;
        const log = new EmitLog({ ...defaultSessionLimits, keptMessages: 4 }, 0, (frame) => {
          const { n } = JSON.parse(frame);
          if (!online) return;
          expect(n).toBe(edge.length + 1);
          edge.push(n);
        });
        const emits: Promise<void>[] = [];
        for (const { do: what, ...rest } of steps) {
          if (what === 'emit') emits.push(log.append(emits.length + 1, {}));
          if (what === 'store' && 'share' in rest) expect(log.confirm(Math.floor(edge.length * rest.share))).toBe(true);
          if (what === 'reconnect') {
            online = !online;
            if (!online) continue;
            expect(log.continuesFrom(edge.length)).toBe(true);
            log.resume(edge.length);
          }
        }
        online = true;
        // Confirming makes room for those that wait, until nothing does.
        for (let before = -1; before !== edge.length;) {
          before = edge.length;
          log.resume(edge.length);
        }
        await Promise.all(emits);
        expect(edge).toEqual(emits.map((_, index) => index + 1));
      }),
      { numRuns: 500 },
    );
  });

  it('wait in bounded number', async () => {
    const log = new EmitLog({ ...defaultSessionLimits, keptMessages: 1, waitingEmits: 2 }, 0, () => undefined);
    await log.append(1, {});
    const waiting = [log.append(2, {}), log.append(3, {})];
    await expect(log.append(4, {})).rejects.toThrow(/await each/);
    const over = new Error('over');
    log.end(over);
    for (const one of waiting) await expect(one).rejects.toBe(over);
    await expect(log.append(5, {})).rejects.toBe(over);
  });
});
