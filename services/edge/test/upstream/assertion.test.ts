import { edgeSigningKey, edgePublicKey, verifyAssertion } from '@reveille/service-kit/keys';
import { expect, test } from 'vitest';
import { chatCatalog } from '../harness/catalogs.ts';
import { World } from '../harness/world.ts';

const hourMs = 3_600_000;
const publicKey = edgePublicKey(edgeSigningKey(Buffer.alloc(32, 3).toString('base64url')));

test.each([hourMs, -hourMs])(
  'an edge whose clock differs from the ledger by %i ms signs by that of the ledger',
  async (off) => {
    const now = () => Date.now() + off;
    await using world = await World.create({ on: 'memory', catalog: chatCatalog(), now });
    const { service, record } = await world.readyPlan();
    const user = await world.user(await world.edge());
    await user.next('initialization_completed');
    const { headers } = await service.next();
    const jwt = String(headers.authorization).replace('Bearer ', '');
    const judged = (at: number) => verifyAssertion(jwt, publicKey, { audience: record.instance, now: at });
    expect(judged(now())).toMatchObject({ sub: 'ada', tenant: 'acme' });
    expect(judged(Date.now())).toMatchObject({ refused: expect.stringMatching(/expired|future/) });
  },
);
