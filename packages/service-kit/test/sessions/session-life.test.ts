import { once } from 'node:events';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { UpstreamSession } from '../../src/index.ts';
import { connectEdge, refusal, startService } from './edge.ts';

describe('a session', () => {
  it('outlives its connection, and a run in it goes on', async () => {
    const opened = Promise.withResolvers<UpstreamSession>();
    const service = await startService({ onSession: opened.resolve });
    const first = await connectEdge(service);
    const session = await opened.promise;
    await first.vanish();
    await session.emit('the run went on');
    const second = await connectEdge(service);
    expect(await second.next()).toMatchObject({ n: 1, data: 'the run went on' });
    expect(session.signal.aborted).toBe(false);
  });

  it('ends when the edge stays away', async () => {
    const opened = Promise.withResolvers<UpstreamSession>();
    const service = await startService({ onSession: opened.resolve, lingerMs: 20 });
    const edge = await connectEdge(service);
    const { signal, emit } = await opened.promise;
    const aborted = once(signal, 'abort');
    await edge.vanish();
    await aborted;
    expect(signal.reason).toMatchObject({ name: 'AbortError', message: expect.stringContaining('did not come back') });
    await expect(emit(1)).rejects.toBe(signal.reason);
  });

  it('has the roles of the newest connection: those that were taken back are gone for all that follows', async () => {
    const opened = Promise.withResolvers<UpstreamSession>();
    const service = await startService({ onSession: opened.resolve });
    const first = await connectEdge(service, { asserted: { roles: ['admin', 'user'] } });
    const session = await opened.promise;
    expect(session.roles).toEqual(['admin', 'user']);
    first.socket.close(1000, 'connection left');
    await first.closed;
    await connectEdge(service, { asserted: { roles: ['user'] } });
    expect(session.roles).toEqual(['user']);
    await connectEdge(service);
    expect(session.roles).toBeUndefined();
  });

  it('ends at once when the edge says so', async () => {
    const opened = Promise.withResolvers<UpstreamSession>();
    const service = await startService({ onSession: opened.resolve, lingerMs: 3_600_000 });
    const edge = await connectEdge(service);
    const { signal } = await opened.promise;
    const aborted = once(signal, 'abort');
    edge.socket.close(1000, 'session ended');
    await aborted;
    expect(signal.reason).toMatchObject({ message: expect.stringContaining('the edge ended the session') });
  });

  it.each(['throws', 'rejects'])('ends with 1011 when its handler %s, and the next one is served', async (how) => {
    const log = vi.spyOn(console, 'error').mockReturnValue();
    onTestFinished(() => log.mockRestore());
    const service = await startService({
      onSession: (session) => {
        if (session.id === 'good') return session.emit('fine');
        if (how === 'throws') throw new Error('bug');
        return Promise.reject(new Error('bug'));
      },
    });
    const bad = await connectEdge(service, { session: 'bad' });
    expect(await bad.closed).toEqual({ code: 1011, reason: 'session handler failed' });
    expect(log).toHaveBeenCalledOnce();
    const good = await connectEdge(service, { session: 'good' });
    expect(await good.next()).toMatchObject({ data: 'fine' });
  });

  it('ends when the service stops, which then takes nobody in', async () => {
    const opened = Promise.withResolvers<UpstreamSession>();
    const service = await startService({ onSession: opened.resolve });
    const edge = await connectEdge(service);
    const { signal } = await opened.promise;
    await service.sessions[Symbol.asyncDispose]();
    expect(signal.aborted).toBe(true);
    expect(await edge.closed).toEqual({ code: 1001, reason: 'service stops' });
    expect(await refusal(service, {})).toMatchObject({ status: 404 });
  });
});
