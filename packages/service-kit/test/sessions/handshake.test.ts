import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { describe, expect, it } from 'vitest';
import { proofText } from '@reveille/contracts';
import { edgePublicKey, edgeSigningKey, verifyProof } from '../../src/keys/index.ts';
import { serveSessions, type UpstreamSession } from '../../src/index.ts';
import { connectEdge, env, generation, instance, instanceKeys, refusal, signingKey, startService } from './edge.ts';

const stranger = edgeSigningKey(randomBytes(32).toString('base64url'));
const onSession = (): void => undefined;

describe('an edge that opens a session', () => {
  it('is told who the user is as the assertion says it, whatever characters that has', async () => {
    const opened = Promise.withResolvers<UpstreamSession>();
    const service = await startService({ onSession: opened.resolve });
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    await connectEdge(service, {
      session: 's-1',
      user: 'Zoë Ünïcode/漢字',
      tenant: 'acme & co',
      asserted: { roles: ['operator'] },
      headers: { traceparent },
    });
    expect(await opened.promise).toMatchObject({
      id: 's-1',
      user: 'Zoë Ünïcode/漢字',
      tenant: 'acme & co',
      roles: ['operator'],
      generation,
      traceparent,
    });
  });

  it('gets the proof of this generation for its challenge', async () => {
    const service = await startService({ onSession });
    const nonce = randomBytes(32).toString('base64url');
    const { response } = await connectEdge(service, { headers: { 'x-reveille-challenge': nonce } });
    const proof = String(response?.headers['x-reveille-proof']);
    const text = proofText({ nonce, instance, generation, session: 's1' });
    expect(verifyProof(instanceKeys.publicKey, text, proof)).toBe(true);
  });

  it('gets no proof without a challenge, nor for one that could move the borders of the signed text', async () => {
    const service = await startService({ onSession });
    const plain = await connectEdge(service, { session: 'a' });
    const tricky = await connectEdge(service, {
      session: 'b',
      headers: { 'x-reveille-challenge': `nonce.${instance}.${generation}` },
    });
    expect(plain.response?.headers).not.toHaveProperty('x-reveille-proof');
    expect(tricky.response?.headers).not.toHaveProperty('x-reveille-proof');
  });

  it('is told when nothing is known of the session, or not what it would have to go on with', async () => {
    const service = await startService({ onSession: (session) => void session.emit('first') });
    const known = async (stored?: number): Promise<unknown> => {
      const edge = await connectEdge(service, { ...(stored === undefined ? {} : { stored }) });
      return edge.response?.headers['x-reveille-known'];
    };
    expect(await known()).toBe('new');
    expect(await known(1)).toBeUndefined();
    // The one emit was confirmed by this: an edge that has less cannot go on.
    expect(await known(0)).toBe('new');
  });

  it('may use any of several keys', async () => {
    const service = await startService({
      onSession,
      env: { ...env, REVEILLE_EDGE_KEY: `${edgePublicKey(stranger)},${env.REVEILLE_EDGE_KEY}` },
    });
    const first = await connectEdge(service, { session: 'a', asserted: { key: stranger } });
    const second = await connectEdge(service, { session: 'b', asserted: { key: signingKey } });
    expect([first.response?.statusCode, second.response?.statusCode]).toEqual([101, 101]);
  });
});

describe('a visitor is refused', () => {
  it.each([
    ['without an assertion', 401, { headers: { authorization: undefined } }],
    ['with a word instead of one', 401, { headers: { authorization: 'Bearer word' } }],
    ['signed by a stranger', 401, { asserted: { key: stranger } }],
    ['made for another service', 401, { asserted: { audience: 'other~global' } }],
    ['that has expired', 401, { asserted: { now: Date.now() - 120_000 } }],
    ['about another session', 403, { asserted: { session: 's2' } }],
    ['about another user', 403, { asserted: { subject: 'eve' } }],
    ['about another tenant', 403, { tenant: 'acme', asserted: { tenant: 'evil' } }],
    ['with a tenant that the headers leave out', 403, { asserted: { tenant: 'acme' } }],
    ['without the tenant that the headers claim', 403, { tenant: 'acme', asserted: { tenant: undefined } }],
    ['for another generation', 403, { headers: { 'x-reveille-generation': String(generation - 1) } }],
    ['with a generation that is none', 400, { headers: { 'x-reveille-generation': '1e3' } }],
    ['with a stored number that is none', 400, { headers: { 'x-reveille-stored': '-1' } }],
    ['without a session', 400, { headers: { 'x-reveille-session': undefined } }],
    ['without the subprotocol', 400, { protocols: ['chat'] }],
    ['on a path where nothing is', 404, { path: '/other' }],
  ])('%s (%i)', async (_what, status, visit) => {
    const service = await startService({ onSession: () => expect.unreachable('no session may begin') });
    expect(await refusal(service, visit)).toMatchObject({ status });
  });

  it('with the session of somebody else', async () => {
    const service = await startService({ onSession });
    await connectEdge(service, { session: 's1', user: 'ada' });
    expect(await refusal(service, { session: 's1', user: 'eve' })).toMatchObject({ status: 403 });
    expect(await refusal(service, { session: 's1', user: 'ada', tenant: 'acme' })).toMatchObject({ status: 403 });
  });

  it('when the service has all the sessions that it may have', async () => {
    const service = await startService({ onSession, limits: { sessions: 1 } });
    await connectEdge(service, { session: 'a' });
    expect(await refusal(service, { session: 'b' })).toMatchObject({ status: 503 });
  });
});

describe('keys', () => {
  it('must be there, unless the service may run without', async () => {
    const server = createServer();
    expect(() => serveSessions({ server, path: '/', onSession, env: {} })).toThrow(/REVEILLE_EDGE_KEY.*keyless/s);
    const opened = Promise.withResolvers<UpstreamSession>();
    const service = await startService({ onSession: opened.resolve, env: {}, keyless: true });
    await connectEdge(service, { user: 'a b', headers: { authorization: undefined, 'x-reveille-challenge': 'nonce' } });
    expect(await opened.promise).toMatchObject({ user: 'a b' });
  });

  it('count all the same when they are there', async () => {
    const service = await startService({ onSession, keyless: true });
    expect(await refusal(service, { headers: { authorization: undefined } })).toMatchObject({ status: 401 });
  });

  it('that are unreadable are found at the start', () => {
    const broken = { ...env, REVEILLE_EDGE_KEY: 'rubbish' };
    expect(() => serveSessions({ server: createServer(), path: '/', onSession, env: broken })).toThrow(TypeError);
  });
});
