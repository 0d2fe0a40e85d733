import { expect, it } from 'vitest';
import { parseRunName } from '../src/index.ts';

it.each([
  ['reveille-tool_classes-global-1763800000000000', 'tool_classes~global', 1763800000000000],
  ['reveille-a-global-b-abcdefghijklmnopqrstuvwxyz-7', 'a-global-b~abcdefghijklmnopqrstuvwxyz', 7],
])('the name %s is of %s, generation %d', (name, instance, generation) => {
  expect(parseRunName(name)).toEqual({ name, instance, generation });
});

it.each(['', 'reveille-x-global', 'reveille-x-tenant-1', 'other-x-global-1', 'reveille-x-global-1-2'])(
  'no run is named %j',
  (name) => expect(parseRunName(name)).toBeUndefined(),
);
