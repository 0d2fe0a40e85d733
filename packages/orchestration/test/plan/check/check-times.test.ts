import { describe } from 'vitest';
import { refuses } from './refusal.ts';

describe('times that are refused', () => {
  refuses(
    'an attempt that outlasts an entrypoint which needs it, told once by the tightest',
    { a: { dependsOn: ['b'] }, b: { deadlineMs: 40_000 } },
    { service: 'a' },
    'services.b.deadlineMs: found 40000, expected at most 30000 (deadlineMs of the entrypoint "chat", which needs this service)',
  );
  refuses(
    'a probe that outlasts the attempt',
    { a: { deadlineMs: 500, ready: { http: { path: '/', timeoutMs: 600 }, timeoutMs: 400 } } },
    undefined,
    `services.a.ready.http.timeoutMs: found 600, expected at most 500 (deadlineMs of one attempt)`,
  );
  refuses(
    'a default that is in the way',
    { a: { deadlineMs: 500 } },
    undefined,
    /ready.timeoutMs: found 1000, expected at most 500/,
  );
  refuses(
    'settling that takes the whole attempt',
    { a: { deadlineMs: 2000, ready: { tcp: {}, settleMs: 2000 } } },
    undefined,
    /ready.settleMs: found 2000, expected less than 2000/,
  );
  refuses(
    'a first pause above the longest',
    { a: { retry: { backoffMs: 6000 } } },
    undefined,
    /retry.backoffMs: found 6000, expected at most 5000/,
  );
});
