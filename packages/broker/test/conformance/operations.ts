import type { AuditEntry, Pause, ServiceName, WebhookEvent } from '@reveille/contracts';
import { auditKept, WebhookRefused } from '@reveille/orchestration';
import { expect, test } from 'vitest';
import type { MakeBench } from './bench.ts';

const paused = (name: string, reason?: string): Pause => ({
  version: 1,
  target: { kind: 'service', name: name as ServiceName },
  at: 5,
  by: 'ann',
  ...(reason === undefined ? {} : { reason }),
});
const entry = (id: string): AuditEntry => ({
  ...{ version: 1, id, at: 5, action: 'stop', target: 'db', by: 'ann', address: '::1', outcome: 'done' },
});
const recovered = (id: string): WebhookEvent => ({
  ...{ version: 1, id, at: 5, event: 'service_recovered', instance: 'db~global', service: 'db' },
});

export function operationConformance(make: MakeBench): void {
  test('a pause is seen by every process until it is ended, once', async () => {
    await using bench = await make();
    const other = await bench.another();
    await bench.broker.operations.pause(paused('db'));
    await bench.broker.operations.pause(paused('db', 'new disks'));
    await bench.broker.operations.pause(paused('app'));
    const seen = await other.operations.pauses();
    expect(seen.toSorted((one, two) => (one.target.name < two.target.name ? -1 : 1))).toEqual([
      paused('app'),
      paused('db', 'new disks'),
    ]);
    expect(await other.operations.resume(paused('db').target)).toBe(true);
    expect(await other.operations.resume(paused('db').target)).toBe(false);
    expect(await bench.broker.operations.pauses()).toEqual([paused('app')]);
  });

  test('the audit log has the newest entries, newest first, and no more than are kept', async () => {
    await using bench = await make();
    const { operations } = bench.broker;
    for (let n = 0; n < auditKept + 5; n++) await operations.record(entry(`e${n}`));
    expect((await operations.audit(2)).map(({ id }) => id)).toEqual([`e${auditKept + 4}`, `e${auditKept + 3}`]);
    expect(await operations.audit(auditKept + 5)).toHaveLength(auditKept);
  });

  test('an event is delivered once, by whoever consumes, also when it was added twice', async () => {
    await using bench = await make();
    const other = await bench.another();
    const heard: WebhookEvent[] = [];
    const last = Promise.withResolvers<void>();
    const deliver = async (event: WebhookEvent): Promise<void> => {
      heard.push(event);
      if (event.id === 'two') last.resolve();
    };
    await Promise.all([bench.broker.webhooks.add(recovered('one')), bench.broker.webhooks.add(recovered('one'))]);
    await using _ = await other.webhooks.consume({ deliver, onDead: () => undefined });
    await bench.broker.webhooks.add(recovered('two'));
    await last.promise;
    expect(heard.map(({ id }) => id).toSorted()).toEqual(['one', 'two']);
    expect(heard).toContainEqual(recovered('one'));
  });

  test('one that the receiver wants no more of is dead, listed, and delivered again when that is asked for', async () => {
    await using bench = await make();
    const { webhooks } = bench.broker;
    const dead = Promise.withResolvers<Error>();
    const delivered = Promise.withResolvers<void>();
    let gone = true;
    await using _ = await webhooks.consume({
      deliver: async () => {
        if (gone) throw new WebhookRefused('gone');
        delivered.resolve();
      },
      onDead: (_event, error) => dead.resolve(error),
    });
    await webhooks.add(recovered('one'));
    expect((await dead.promise).message).toBe('gone');
    await expect.poll(() => webhooks.dead(10)).toMatchObject([{ event: recovered('one'), attempts: 1, error: 'gone' }]);
    gone = false;
    expect(await webhooks.retry('two')).toBe(false);
    expect(await webhooks.retry('one')).toBe(true);
    await delivered.promise;
    await expect.poll(() => webhooks.dead(10)).toEqual([]);
  });

  test('that an instance has failed is known to every process until it is forgotten', async () => {
    await using bench = await make();
    const other = await bench.another();
    await bench.broker.webhooks.noteFailed('db~global', 5);
    await bench.broker.webhooks.noteFailed('other~global', 6);
    expect(await other.webhooks.hasFailed('app~global')).toBe(false);
    expect(await other.webhooks.hasFailed('db~global')).toBe(true);
    await other.webhooks.forgetFailed('db~global');
    expect(await bench.broker.webhooks.hasFailed('db~global')).toBe(false);
    expect(await bench.broker.webhooks.hasFailed('other~global')).toBe(true);
  });
}
