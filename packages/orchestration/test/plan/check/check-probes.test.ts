import { describe } from 'vitest';
import { byHttp, refuses } from './refusal.ts';

describe('probes that are refused', () => {
  refuses(
    'a log pattern that cannot be compiled',
    { a: { ready: { log: { pattern: '(?=x)' } } } },
    undefined,
    /ready.log.pattern: .*RE2.*: lookahead/,
  );
  refuses(
    'a report as a sign of life',
    { a: { live: { reported: true } } },
    undefined,
    /live.reported: found reported, expected http, tcp or exec/,
  );
  refuses(
    'a log line as a sign of life',
    { a: { live: { log: { pattern: 'x' } } } },
    undefined,
    /live.log: found log, expected http, tcp or exec/,
  );
  refuses(
    'a report of a service that somebody else starts',
    { a: { start: byHttp, ready: { reported: true } } },
    undefined,
    /ready.reported: /,
  );
  refuses(
    'the log of a service that somebody else starts',
    { a: { start: byHttp, ready: { log: { pattern: 'x' } } } },
    undefined,
    /ready.log: /,
  );
});
