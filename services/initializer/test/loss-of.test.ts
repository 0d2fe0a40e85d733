import { expect, test } from 'vitest';
import { lossOf } from '../src/watch/loss-of.ts';

test('a loss says how it ended, and what its executor says of that', () => {
  const why = 'Evicted: The node was low on resource: memory.';
  expect(lossOf({ code: 137, signal: null, why }, ['last words'])).toMatchObject({
    ...{ code: 'exited_early', exitCode: 137, logTail: ['last words'] },
    message: `it was ready and ended with exit code 137: ${why}`,
  });
  expect(lossOf({ code: null, signal: null, why }, []).message).toBe(`it was ready and ended: ${why}`);
  expect(lossOf({ code: null, signal: 'SIGKILL' }, []).message).toBe('it was ready and ended by SIGKILL');
});
