import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import { expect } from 'vitest';
import { type RowBody, faultRows, type RowOf } from '../../src/rows/row.ts';
import { crowd, shareOf } from '../../src/world/crowd.ts';
import { eventually } from '../../src/world/eventually.ts';
import type { FaultWorld } from '../../src/world/fault-world.ts';
import type { Visitor } from '../../src/world/visitor.ts';

const secret = randomBytes(32).toString('hex');
const withTokens: RowOf['world'] = { env: { REVEILLE_AUTH: 'jwt', REVEILLE_JWT_SECRET: secret } };
const marker = 'Agent processed your message:';
const withRules: RowOf['world'] = { chat: { authenticity: { forbid: [{ path: '$.text', startsWith: marker }] } } };

function token(claims: Record<string, unknown> = {}, key = secret): Promise<string> {
  const { exp = '1h', ...rest } = claims;
  return new SignJWT({ sub: 'ann', tenant: 'acme', ...rest })
    .setProtectedHeader({ alg: 'HS256' })
    .setExpirationTime(exp as string)
    .sign(Buffer.from(key));
}

/** While somebody does harm, an honest user talks; afterwards that one still does, over the same socket, to the same process. */
function besides(
  harm: (world: FaultWorld, inject: (name: string, act: () => unknown) => Promise<void>) => Promise<string>,
): RowBody {
  return async (world, faults) => {
    const honest = await world.user('honest');
    expect(await honest.ask('before')).toMatchObject({ how: 'answered' });
    const saw = await harm(world, (name, act) => faults.inject(name, act));
    expect(await honest.ask('after')).toMatchObject({ how: 'answered' });
    faults.recovered();
    expect(honest.of('welcome')).toHaveLength(1);
    expect(world.the('edge').deployable.child.exitCode).toBe(null);
    for (const service of ['db', 'app']) expect(world.starts(service)).toHaveLength(1);
    faults.userSaw(`${saw}; others notice nothing`);
  };
}

faultRows('hostile', (row) => {
  row(
    'oversized, fragmented, malformed, binary and deeply nested frames',
    { representative: true },
    besides(async (world, inject) => {
      const closing: [string, (socket: Visitor['socket']) => void, number[]][] = [
        ['oversized', (socket) => socket.send(`{"type":"send","id":"x","data":"${'x'.repeat(1_000_000)}"}`), [1009]],
        [
          'fragmented',
          (socket) => {
            for (let n = 0; n < 1_000; n++) socket.send('x', { fin: false });
          },
          [1008, 1006],
        ],
        ['malformed', (socket) => socket.send('{'), [4501]],
        ['no object', (socket) => socket.send('[]'), [4501]],
        ['binary', (socket) => socket.send(Buffer.from('{"type":"pong"}'), { binary: true }), [4501]],
      ];
      for (const [name, harm, codes] of closing) {
        const user = await world.user('mallory');
        await user.next('welcome');
        await inject(name, () => harm(user.socket));
        expect(codes, name).toContain(await user.closed());
      }
      const user = await world.user('mallory');
      await inject('nested', () =>
        user.socket.send(`{"type":"send","id":"x","data":${'['.repeat(9_000)}${']'.repeat(9_000)}}`),
      );
      expect(await user.next('error')).toMatchObject({ code: 'bad_frame' });
      return 'close 1009, 1008 or 4501; `bad_frame` where the socket may stay';
    }),
  );

  row(
    'hello never sent',
    {},
    besides(async (world, inject) => {
      let silent: Visitor | undefined;
      await inject('silence', async () => (silent = await world.user('silent', { hello: { type: 'pong' } })));
      // Anything else than hello ends it at once; who says nothing at all is closed after ten seconds.
      expect(await silent?.closed()).toBe(4500);
      const mute = await world.user('mute', { says: 'nothing' });
      await inject('nothing at all', () => undefined);
      expect(await mute.closed()).toBe(4500);
      return 'close 4500';
    }),
  );

  row(
    '10,000 idle sockets',
    { world: { direct: true } },
    besides(async (world, inject) => {
      let idle: Visitor[] = [];
      await inject('a crowd', async () => (idle = await crowd(world, shareOf(10_000), [0], { says: 'nothing' })));
      const late = await world.user('late');
      await late.untilReady();
      expect(await late.ask('is there room?')).toMatchObject({ how: 'answered' });
      const codes = await Promise.all(idle.map((user) => user.closed()));
      expect(new Set(codes)).toEqual(new Set([4500]));
      return 'close 4500 after ten seconds without hello';
    }),
  );

  row('forged, expired, `alg: none` and foreign-tenant tokens', { world: withTokens }, async (world, faults) => {
    const honest = await world.user('ann', { hello: { token: await token() } });
    expect(await honest.ask('before')).toMatchObject({ how: 'answered' });
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const exp = Math.floor(Date.now() / 1000) + 3_600;
    const bad: [string, string][] = [
      ['forged', await token({}, randomBytes(32).toString('hex'))],
      ['expired', await token({ exp: Math.floor(Date.now() / 1000) - 3_600 })],
      ['alg: none', `${part({ alg: 'none' })}.${part({ sub: 'ann', tenant: 'acme', exp })}.`],
      ['with another payload', (await token()).replace(/\.[^.]*\./, `.${part({ sub: 'root', tenant: 'acme', exp })}.`)],
    ];
    for (const [name, made] of bad) {
      let thief: Visitor | undefined;
      await faults.inject(name, async () => (thief = await world.user('thief', { hello: { token: made } })));
      expect(await thief?.closed(), name).toBe(4500);
    }
    // A token of another tenant lets in there, and nowhere else: the instance of the other tenant is another one.
    const foreign = await world.user('eve', {
      tenant: 'globex',
      hello: { token: await token({ sub: 'eve', tenant: 'globex' }) },
    });
    await faults.inject('a renewal by another tenant', async () =>
      honest.say({ type: 'refresh', token: await token({ tenant: 'globex' }) }),
    );
    expect(await honest.next('error')).toMatchObject({ code: 'bad_frame' });
    expect(await foreign.ask('hello')).toMatchObject({ how: 'answered' });
    expect(await honest.ask('after')).toMatchObject({ how: 'answered' });
    faults.recovered();
    expect(new Set(world.starts('app').map(({ tenant }) => tenant))).toEqual(new Set(['acme', 'globex']));
    faults.userSaw('close 4500; a renewal of another tenant is refused in words');
  });

  row(
    'foreign origin',
    { world: { chat: { allowedOrigins: ['https://app.example.com'] } } },
    besides(async (world, inject) => {
      for (const origin of [
        'https://evil.example',
        'null',
        'https://app.example.com.evil.example',
        'http://app.example.com',
      ]) {
        let page: Visitor | undefined;
        await inject(origin, async () => (page = await world.user('page', { headers: { origin } })));
        expect(await page?.closed(), origin).toBe(4509);
      }
      const own = await world.user('own', { headers: { origin: 'https://app.example.com' } });
      expect(await own.ask('hello')).toMatchObject({ how: 'answered' });
      return 'close 4509';
    }),
  );

  row(
    "someone else's session id or resume key",
    {},
    besides(async (world, inject) => {
      const victim = await world.user('victim');
      expect(await victim.ask('secret')).toMatchObject({ how: 'answered' });
      const { session, resumeKey } = await victim.next('welcome');
      const thieves = [
        { user: 'thief', key: randomBytes(32).toString('base64url'), tenant: 'acme' },
        { user: 'thief', key: resumeKey, tenant: 'acme' },
        { user: 'victim', key: resumeKey, tenant: 'globex' },
      ];
      for (const { key, ...who } of thieves) {
        let thief: Visitor | undefined;
        await inject(
          'theft',
          async () =>
            (thief = await world.user(who.user, {
              tenant: who.tenant,
              hello: { resume: { session, key, lastSeq: 0 } },
            })),
        );
        await eventually(() => thief?.closedWith !== undefined || thief?.of('welcome').length === 1, 'no answer');
        if (thief?.closedWith !== undefined) expect(thief.closedWith).toBe(4509);
        else expect((await thief?.next('welcome'))?.session).not.toBe(session);
        expect(JSON.stringify(thief?.frames)).not.toContain('secret');
        await thief?.leave();
      }
      expect(await victim.ask('still here')).toMatchObject({ how: 'answered' });
      await world.until('app', ({ state }) => state === 'ready');
      return 'close 4509, or a session of the own';
    }),
  );

  row('shell metacharacters in ids and scopes', {}, async (world, faults) => {
    const nasty = [
      '$(touch pwned)',
      '; touch pwned;',
      '`touch pwned`',
      '../../pwned',
      '-rf',
      "' || touch pwned",
      '{edges}:*>',
      '%2e%2e',
    ];
    for (const id of nasty) {
      const user = await world.user(id, { tenant: id });
      await faults.inject(id, () => undefined);
      const answer = await user.ask('who am I?');
      expect(answer, id).toMatchObject({ how: 'answered', data: { user: id, tenant: id } });
      await user.leave();
    }
    faults.recovered();
    expect(existsSync(join(world.dir, 'pwned'))).toBe(false);
    expect(new Set(world.starts('app').map(({ tenant }) => tenant))).toEqual(new Set(nasty));
    for (const { instance } of world.starts('app')) expect(instance).toMatch(/^app~[a-z2-7]{26}$/);
    faults.userSaw('the answer: ids are ids, whatever they are made of');
  });

  row(
    'prototype-polluting JSON',
    {},
    besides(async (world, inject) => {
      const user = await world.user('mallory');
      await user.next('initialization_completed');
      const data = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"text":"x"}';
      await inject('__proto__', () => {
        world.history.note({ did: 'send', socket: user.name, id: 'p1' });
        user.socket.send(`{"type":"send","id":"p1","__proto__":{"type":"cancel"},"data":${data}}`);
      });
      const answer = await user.answerTo('p1');
      expect(answer.how).toBe('answered');
      if (answer.how === 'answered') expect(JSON.stringify(answer.data)).toContain(data);
      return 'the answer: such keys are data like any other';
    }),
  );

  row(
    'reply that carries a forbidden marker',
    { representative: true, world: withRules },
    besides(async (world, inject) => {
      const user = await world.user('mallory');
      const id = user.send({ lie: { text: `${marker} hello` } });
      await inject('the marker', () => undefined);
      expect(await user.answerTo(id)).toEqual({ how: 'closed', code: 4510 });
      expect(user.of('message')).toEqual([]);
      expect(user.of('error')).toMatchObject([{ code: 'inauthentic_response' }]);
      return '`inauthentic_response`, close 4510';
    }),
  );

  row(
    'upstream that cannot prove itself',
    {
      world: {
        services: { app: { flags: ['unproven'], scope: 'tenant' } },
        chat: { deadlineMs: 120_000, provenance: 'required' },
      },
    },
    async (world, faults) => {
      const user = await world.user('ann');
      await faults.inject('no proof', () => undefined);
      const asked = user.send('hello');
      const { failure } = await user.next('initialization_failed');
      expect(failure.code).toBe('upstream_unproven');
      expect(await user.answerTo(asked)).toMatchObject({ how: 'rejected' });
      expect(user.of('message')).toEqual([]);
      await world.replaceCatalog({ services: { app: { scope: 'tenant' } } });
      world.kill((await world.started('app')).pid);
      while ((await user.retry()).type !== 'initialization_completed');
      expect(await user.ask('again')).toMatchObject({ how: 'answered' });
      faults.recovered();
      faults.userSaw('`upstream_unproven`; a retry works once it is mended');
    },
  );
});
