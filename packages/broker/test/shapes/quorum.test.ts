import { setTimeout as pause } from 'node:timers/promises';
import { connectBroker } from '@reveille/broker';
import { expect, test } from 'vitest';
import { readOne } from '../conformance/ledger.ts';
import { instanceOf } from '../conformance/samples.ts';
import { isWholeRun } from './on-demand.ts';
import { Shape } from './shape.ts';

/** Longer than the confirmation holds with which a process begins. */
const lastingMs = 8000;

test.runIf(isWholeRun)('sentinels with TLS and passwords confirm the primary too', async () => {
  await using shape = await Shape.launch('Sentinel with TLS and passwords');
  await using broker = await connectBroker({
    url: shape.url,
    ...shape.access,
    namespace: 'quorum',
    watchesQuorum: true,
  });
  await pause(lastingMs);
  expect((await readOne(broker, instanceOf('db'))).unconfirmed).toBeUndefined();
});
