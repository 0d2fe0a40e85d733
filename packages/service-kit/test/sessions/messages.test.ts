import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { SessionMessage, UpstreamSession } from '../../src/index.ts';
import { connectEdge, startService, type Service } from './edge.ts';

/** A service that gives its sessions to the test. */
async function openService(
  options: Partial<Parameters<typeof startService>[0]> = {},
): Promise<{ service: Service; sessions: UpstreamSession[] }> {
  const sessions: UpstreamSession[] = [];
  const service = await startService({ onSession: (session) => void sessions.push(session), ...options });
  return { service, sessions };
}

function only(sessions: UpstreamSession[]): UpstreamSession {
  const [session] = sessions;
  if (!session || sessions.length > 1) throw new Error(`expected one session, there are ${sessions.length}`);
  return session;
}

async function pull(session: UpstreamSession): Promise<SessionMessage | undefined> {
  const result = await session.messages[Symbol.asyncIterator]().next();
  return result.done ? undefined : result.value;
}

describe('messages to a service', () => {
  it('are taken when the service pulls them, in order', async () => {
    const { service, sessions } = await openService();
    const edge = await connectEdge(service);
    edge.send({ type: 'deliver', id: 'm1', data: { text: 'one' } });
    edge.send({ type: 'deliver', id: 'm2', data: 'two' });
    await edge.handled();
    expect(edge.unread).toEqual([]);
    expect(await pull(only(sessions))).toEqual({ id: 'm1', data: { text: 'one' } });
    expect(await edge.next()).toEqual({ type: 'taken', id: 'm1' });
    expect(await pull(only(sessions))).toEqual({ id: 'm2', data: 'two' });
    expect(await edge.next()).toEqual({ type: 'taken', id: 'm2' });
  });

  it('arrive as they were sent, also with keys that would pollute prototypes', async () => {
    const { service, sessions } = await openService();
    const edge = await connectEdge(service);
    const data = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"a":[{"__proto__":1}]}';
    edge.send({ type: 'deliver', id: 'm1', data: JSON.parse(data) as never });
    await edge.handled();
    expect(JSON.stringify((await pull(only(sessions)))?.data)).toBe(data);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  it('that are delivered again are answered again and pulled once', async () => {
    const { service, sessions } = await openService();
    const first = await connectEdge(service);
    first.send({ type: 'deliver', id: 'taken', data: 1 });
    first.send({ type: 'deliver', id: 'queued', data: 2 });
    await first.handled();
    expect(await pull(only(sessions))).toMatchObject({ id: 'taken' });
    await first.vanish();
    const second = await connectEdge(service);
    for (const id of ['taken', 'queued', 'new']) second.send({ type: 'deliver', id, data: 3 });
    expect(await second.next()).toEqual({ type: 'taken', id: 'taken' });
    expect(await pull(only(sessions))).toEqual({ id: 'queued', data: 2 });
    expect(await pull(only(sessions))).toEqual({ id: 'new', data: 3 });
    expect([await second.next(), await second.next()]).toEqual([
      { type: 'taken', id: 'queued' },
      { type: 'taken', id: 'new' },
    ]);
  });

  it('that were taken while the edge was away are answered when it delivers them again', async () => {
    const { service, sessions } = await openService();
    const first = await connectEdge(service);
    first.send({ type: 'deliver', id: 'm1', data: 1 });
    await first.handled();
    await first.vanish();
    expect(await pull(only(sessions))).toMatchObject({ id: 'm1' });
    const second = await connectEdge(service);
    second.send({ type: 'deliver', id: 'm1', data: 1 });
    expect(await second.next()).toEqual({ type: 'taken', id: 'm1' });
  });

  it('are not taken twice by a session that ended and came back, which says that what came of them is lost', async () => {
    const { service, sessions } = await openService();
    const first = await connectEdge(service);
    first.send({ type: 'deliver', id: 'm1', data: 1 });
    await first.handled();
    expect(await pull(only(sessions))).toMatchObject({ id: 'm1' });
    const ended = once(only(sessions).signal, 'abort');
    first.socket.close(1000, 'session ended');
    await ended;
    const second = await connectEdge(service);
    for (const id of ['m1', 'm2']) second.send({ type: 'deliver', id, data: 1 });
    expect(await second.next()).toEqual({ type: 'taken', id: 'm1', lost: true });
    expect(sessions).toHaveLength(2);
    expect(await pull(sessions[1] as (typeof sessions)[number])).toMatchObject({ id: 'm2' });
    expect(await second.next()).toEqual({ type: 'taken', id: 'm2' });
  });

  it('beyond what a session holds close the connection 1013, and what it held is still there', async () => {
    const { service, sessions } = await openService({ limits: { inboxMessages: 1 } });
    const first = await connectEdge(service);
    first.send({ type: 'deliver', id: 'm1', data: 1 });
    first.send({ type: 'deliver', id: 'm2', data: 2 });
    expect(await first.closed).toEqual({ code: 1013, reason: 'too many untaken messages' });
    const second = await connectEdge(service);
    expect(await pull(only(sessions))).toMatchObject({ id: 'm1' });
    second.send({ type: 'deliver', id: 'm2', data: 2 });
    expect(await pull(only(sessions))).toMatchObject({ id: 'm2' });
  });

  it('that are waited for end when the session ends', async () => {
    const { service, sessions } = await openService();
    const edge = await connectEdge(service);
    await edge.handled();
    const waiting = pull(only(sessions));
    edge.socket.close(1000, 'session ended');
    expect(await waiting).toBeUndefined();
    expect(await pull(only(sessions))).toBeUndefined();
  });
});

describe('frames that are none', () => {
  it.each([
    ['not JSON', '{', 1007],
    ['not a command', '{"type":"shout"}', 1008],
    ['an array', '[]', 1008],
    ['without an id', '{"type":"deliver","data":1}', 1008],
    ['a confirmation of what was never emitted', '{"type":"stored","n":1}', 1008],
    ['binary', Buffer.from('{"type":"stored","n":1}'), 1008],
    ['too large', JSON.stringify({ type: 'deliver', id: 'm', data: 'x'.repeat(2000) }), 1009],
  ])('close the connection and hurt nobody else: %s', async (_what, frame, code) => {
    const { service, sessions } = await openService({ limits: { frameBytes: 1500 } });
    const other = await connectEdge(service, { session: 'other' });
    const edge = await connectEdge(service);
    edge.socket.send(frame);
    expect(await edge.closed).toMatchObject({ code });
    other.send({ type: 'deliver', id: 'm1', data: 1 });
    const unharmed = sessions.find(({ id }) => id === 'other');
    expect(unharmed && (await pull(unharmed))).toMatchObject({ id: 'm1' });
    // The session itself outlives the connection too.
    expect(sessions.every(({ signal }) => !signal.aborted)).toBe(true);
  });
});
