import { describe, expect, test } from 'vitest';
import { catalogOf } from '../catalogs.ts';
import { faultsOf, refuses } from './refusal.ts';

describe('needs that are refused', () => {
  refuses('no service at all', {}, undefined, 'services: found no service, expected at least one service');
  refuses(
    'an unknown service, with the one that was probably meant',
    { a: { dependsOn: ['thread_servcie'] }, thread_service: {} },
    undefined,
    `services.a.dependsOn.0: found "thread_servcie", expected the name of a service (did you mean "thread_service"?)`,
  );
  refuses(
    'an unknown service that is a word of JavaScript',
    { a: { dependsOn: ['constructor'] } },
    { service: 'constructor' },
    /dependsOn.0: found "constructor", expected the name of a service \(a\)/,
    /entrypoints.chat.service: found "constructor"/,
  );
  refuses(
    'a service that needs itself',
    { a: { dependsOn: ['a'] } },
    undefined,
    `services.a.dependsOn.0: found "a" itself, expected another service`,
  );
  refuses(
    'a dependency named twice',
    { a: { dependsOn: ['b', { service: 'b', onChange: 'keep' }] }, b: {} },
    undefined,
    `services.a.dependsOn.1: found "b" a second time, expected each dependency once`,
  );
  refuses(
    'two dependencies whose environment variables are the same',
    { a: { dependsOn: ['x-y', 'x_y'] }, 'x-y': {}, x_y: {} },
    undefined,
    /dependsOn.1: .* both would be given as REVEILLE_DEP_X_Y_URL/,
  );
  refuses(
    'a circle, printed',
    { a: { dependsOn: ['b'] }, b: { dependsOn: ['c'] }, c: { dependsOn: ['x', 'a'] }, x: {} },
    undefined,
    'services.c.dependsOn.1: found the circle a → b → c → a, expected services that can be started one after the other',
  );
  refuses(
    'two circles, both',
    { a: { dependsOn: ['b'] }, b: { dependsOn: ['a', 'c'] }, c: { dependsOn: ['b'] } },
    undefined,
    /a → b → a/,
    /b → c → b/,
  );
  refuses(
    'a dependency of narrower scope',
    { a: { scope: 'tenant', dependsOn: ['b'] }, b: { scope: 'user' } },
    undefined,
    /^services.a.dependsOn.0: found "b" of scope user, expected a service of scope global or tenant: /,
  );
  for (const [of, need, fits] of [
    ['global', 'global', true],
    ['global', 'tenant', false],
    ['global', 'user', false],
    ['tenant', 'global', true],
    ['tenant', 'tenant', true],
    ['tenant', 'user', false],
    ['user', 'global', true],
    ['user', 'tenant', true],
    ['user', 'user', true],
  ] as const)
    test(`a ${of} service ${fits ? 'may' : 'may not'} need a ${need} one`, () => {
      expect(faultsOf(catalogOf({ a: { scope: of, dependsOn: ['b'] }, b: { scope: need } }))).toHaveLength(
        fits ? 0 : 1,
      );
    });
});

test('a chain of ten thousand services is ordered without exhausting the stack', () => {
  const chain = Array.from({ length: 10_000 }, (_, at) => [`s${at}`, at === 0 ? {} : { dependsOn: [`s${at - 1}`] }]);
  expect(faultsOf(catalogOf(Object.fromEntries([...chain].reverse())))).toEqual([]);
});
