import { describe } from 'vitest';
import { byHttp, refuses } from './refusal.ts';

describe('entrypoints that are refused', () => {
  refuses(
    'an unknown service',
    { bridge: {} },
    { service: 'bidge' },
    /entrypoints.chat.service: .*did you mean "bridge"/,
  );
  refuses(
    'proof from a service that is given no key',
    { a: { start: byHttp } },
    { service: 'a' },
    'entrypoints.chat.provenance: found required, expected endpoint: "a" is started by an HTTP call, which gives it no key to prove itself with',
  );
  refuses(
    'held bytes below one message',
    { a: {} },
    { service: 'a', limits: { messageBytes: 300_000 } },
    /limits.heldBytes: found 262144, expected at least 300000/,
  );
  refuses(
    'an origin that no browser sends',
    { a: {} },
    { service: 'a', allowedOrigins: ['https://app.example.com/', 'app.example.com'] },
    /allowedOrigins.0: found "https:\/\/app.example.com\/"/,
    /allowedOrigins.1/,
  );
  refuses(
    'content rules on frames that are not JSON',
    { a: {} },
    { service: 'a', frames: 'text', authenticity: { forbid: [{ path: '$', equals: 'x' }] } },
    /entrypoints.chat.authenticity: found content rules with frames: text/,
  );
  refuses(
    'expressions and schemas that cannot be compiled, wherever they stand',
    { a: {} },
    {
      service: 'a',
      authenticity: {
        forbid: [{ path: '$', matches: '(?=a)' }, { schema: { type: 'strng' } }],
        require: [
          { when: { path: '$', matches: '(?=b)' }, anyOf: [{ path: '$', matches: '(?=c)' }] },
          { schema: { type: 'strng' } },
        ],
      },
    },
    /forbid.0.matches: found "\(\?=a\)"/,
    /forbid.1.schema: .*no such type/,
    /require.0.when.matches/,
    /require.0.anyOf.0.matches/,
    /require.1.schema/,
  );
  refuses(
    'a mark that every text has',
    { a: {} },
    { service: 'a', authenticity: { forbid: [{ path: '$', contains: ' \u200b' }] } },
    /forbid.0.contains: .*every text has this/,
  );
});
