import { describe } from 'vitest';
import { refuses } from './refusal.ts';

describe('ports that are refused', () => {
  refuses(
    'one port on two services',
    { a: { endpoint: { port: 80 } }, b: { endpoint: { port: 80 } } },
    undefined,
    'services.b.endpoint.port: found 80, the port of "a", expected auto, or a port of its own',
  );
  refuses(
    'a fixed port on copies side by side',
    { a: { scope: 'user', endpoint: { port: 80 } } },
    undefined,
    /found 80 on a service of scope user/,
  );
  refuses(
    'a fixed port with generations side by side',
    { a: { update: 'rolling', endpoint: { port: 80 } } },
    undefined,
    /found 80 with update: rolling/,
  );
  refuses(
    'a port that is reported where readiness is not',
    { a: { endpoint: { port: 'reported' } } },
    undefined,
    /endpoint.port: found reported, with another ready probe, expected `ready: {reported: true}` beside it/,
  );
});
