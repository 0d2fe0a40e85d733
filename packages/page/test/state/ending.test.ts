import { closeCodes } from '@reveille/contracts/close-code';
import { expect, test } from 'vitest';
import { endingOf } from '../../src/state/ending.ts';

test('a page that is not let in says why, and one whose failure nobody tried again says that', () => {
  const { code, reason } = closeCodes.tryLater;
  expect(endingOf(code, 'tokens cannot be checked now')).toEqual({
    title: 'You cannot be let in now.',
    advice: 'Tokens cannot be checked now.',
  });
  for (const said of [reason, '']) expect(endingOf(code, said).title).toBe('The session was closed after a failure.');
});
