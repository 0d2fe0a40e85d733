import { describe, expect, it } from 'vitest';
import { tokenLifeMs } from '../src/token-life.ts';
import { jwt } from './token.ts';

const now = 1_800_000_000_000;
const life = (claims: object): number | undefined => tokenLifeMs(jwt(claims), now);
const seconds = now / 1000;

describe('how long a token is still valid', () => {
  it('is what its end says', () => {
    expect(life({ exp: seconds + 300 })).toBe(300_000);
    expect(life({ exp: seconds + 240, iat: seconds - 60 })).toBe(240_000);
    expect(life({ exp: seconds + 300, sub: 'Zoë 🦊?>', tenant: '???>>>' })).toBe(300_000);
  });

  it('is the whole of its life when the clock here is before its beginning or past its end', () => {
    expect(life({ exp: seconds + 900, iat: seconds + 600 })).toBe(300_000);
    expect(life({ exp: seconds - 600, iat: seconds - 900 })).toBe(300_000);
  });

  it.each([{}, { exp: 'soon' }, { exp: null }, { exp: seconds - 1 }])('is not known of %j', (claims) => {
    expect(life(claims)).toBeUndefined();
  });

  it.each(['', 'opaque', 'a.b.c', 'a.bnVsbA.c', `a.${btoa('[1]')}.c`])(
    'is not known of a token that is %j',
    (token) => {
      expect(tokenLifeMs(token, now)).toBeUndefined();
    },
  );
});
