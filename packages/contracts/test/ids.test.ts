import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  instanceKey,
  instanceKeyOf,
  parseInstanceKey,
  scopeKey,
  scopeKeyOf,
  scopeKeysOf,
  serviceName,
  traceparent,
  type Scope,
} from '../src/index.ts';

const id = fc.string({ maxLength: 40, unit: 'grapheme' });
const scope: fc.Arbitrary<Scope> = fc.record(
  { kind: fc.constantFrom('tenant', 'user'), tenant: id, user: id },
  { requiredKeys: ['kind'] },
);

describe('the key of a scope', () => {
  it.each([
    [{ kind: 'global' }, 'global'],
    // Worked out with other software: base32(sha256(JSON)), first 26 characters, lower case.
    [{ kind: 'user', tenant: 'acme', user: 'ada' }, '2cxrjekjop6tx5jpg3nrytrkom'],
    [{ kind: 'tenant', tenant: 'acme' }, 'le7mnhzc45qzylsq7o33idjcbu'],
    [{ kind: 'user', user: 'ada' }, 'aqqxhpmfwsmq7szzotl6ujr3vy'],
    [{ kind: 'user', user: 'Zoë 漢字' }, 'befdupsxjlizossj3gtnjo4m5c'],
  ] satisfies [Scope, string][])('of %o is %s', async (of, key) => {
    expect(await scopeKeyOf(of)).toBe(key);
  });

  it('is safe in every name, whatever the ids are', async () => {
    await fc.assert(
      fc.asyncProperty(scope, async (of) => {
        expect(scopeKey.safeParse(await scopeKeyOf(of)).success).toBe(true);
      }),
    );
  });

  it('differs for any two scopes that differ', async () => {
    await fc.assert(
      fc.asyncProperty(scope, scope, async (one, other) => {
        // A tenant's key does not depend on who asks.
        const parts = ({ kind, tenant, user }: Scope): string =>
          JSON.stringify([kind, tenant ?? null, kind === 'user' ? (user ?? null) : null]);
        expect((await scopeKeyOf(one)) === (await scopeKeyOf(other))).toBe(parts(one) === parts(other));
      }),
    );
  });

  it('keeps tenant and user apart', async () => {
    const keys = await Promise.all([
      scopeKeyOf({ kind: 'user', tenant: 'a', user: 'bc' }),
      scopeKeyOf({ kind: 'user', tenant: 'ab', user: 'c' }),
      scopeKeyOf({ kind: 'user', user: 'abc' }),
      scopeKeyOf({ kind: 'user', tenant: '', user: 'abc' }),
      scopeKeyOf({ kind: 'tenant', tenant: 'abc' }),
    ]);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('comes in all kinds for one user', async () => {
    expect(await scopeKeysOf({ user: 'ada', tenant: 'acme' })).toEqual({
      global: 'global',
      tenant: await scopeKeyOf({ kind: 'tenant', tenant: 'acme' }),
      user: await scopeKeyOf({ kind: 'user', tenant: 'acme', user: 'ada' }),
    });
    expect(await scopeKeysOf({ user: 'ada' })).not.toHaveProperty('tenant');
  });
});

describe('the key of an instance', () => {
  it('is read back as it was made', async () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9_-]{0,47}$/).map((text) => serviceName.parse(text));
    await fc.assert(
      fc.asyncProperty(name, scope, async (service, of) => {
        const key = await scopeKeyOf(of);
        const made = instanceKey.parse(instanceKeyOf(service, key));
        expect(parseInstanceKey(made)).toEqual({ service, scopeKey: key });
      }),
    );
  });

  it.each(['', 'a', 'a~', '~global', 'A~global', 'a~GLOBAL', 'a~b~global', 'a:b~global', `a~${'1'.repeat(26)}`])(
    'is never %o',
    (text) => {
      expect(instanceKey.safeParse(text).success).toBe(false);
    },
  );
});

describe('a name of the catalog', () => {
  it.each(['', 'A', '1a', '_a', 'a b', 'a/b', 'a.b', 'a~b', 'ä', 'a'.repeat(49)])('is never %o', (text) => {
    expect(serviceName.safeParse(text).success).toBe(false);
  });
});

describe('a traceparent', () => {
  it('is of version 00', () => {
    const text = `${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    expect(traceparent.safeParse(`00-${text}`).success).toBe(true);
    expect(traceparent.safeParse(`01-${text}`).success).toBe(false);
    expect(traceparent.safeParse(`00-${text}-x`).success).toBe(false);
  });
});
