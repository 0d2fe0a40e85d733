import { randomUUID } from 'node:crypto';
import process from 'node:process';
import { describe, expect, it } from 'vitest';
import { hostProcessTable } from '../../src/process/host-process-table.ts';
import type { ProcessTable } from '../../src/process/process-table.ts';
import { program, startRequest } from '../support/start-request.ts';
import { context, never, testDriver } from '../support/test-driver.ts';

const request = startRequest(program('setInterval(() => undefined, 1e6)'));
const unclaimed = context({ unclaimed: true });

/** The processes of this host, and how often somebody read through all of them. */
function counted(): { table: ProcessTable; searches: () => number } {
  const host = hostProcessTable();
  let searches = 0;
  const marked = (prefix: string) => ((searches += 1), host.marked(prefix));
  return { table: { ...host, marked }, searches: () => searches };
}

// Elsewhere there are no names that vanish with their process, and every start searches.
describe.skipIf(process.platform !== 'linux')('a start of what nobody claimed before', () => {
  it('reads through no other process of the host', async () => {
    const { table, searches } = counted();
    await using driver = testDriver({ processTable: table });
    await driver.start(request, unclaimed);
    expect(searches()).toBe(0);
  });

  it('finds what an initializer of this host runs for a claim that the ledger has lost', async () => {
    const namespace = randomUUID();
    await using driver = testDriver({ namespace });
    await using another = testDriver({ namespace });
    const run = await driver.start(request, unclaimed);
    const found = await another.start(request, unclaimed);
    expect(found.endpoint).toEqual(run.endpoint);
    expect(await driver.stop(request, { graceMs: 1000, signal: never() })).toEqual({ stopped: true });
    await found.exited;
  });

  it('finds no trace of a run that has ended', async () => {
    const namespace = randomUUID();
    const { table, searches } = counted();
    await using driver = testDriver({ namespace });
    await using another = testDriver({ namespace, processTable: table });
    await driver.start(request, unclaimed);
    expect(await driver.stop(request, { graceMs: 1000, signal: never() })).toEqual({ stopped: true });
    await another.start(request, unclaimed);
    expect(searches()).toBe(0);
  });

  it('holds no name when it could not be started', async () => {
    const namespace = randomUUID();
    const { table, searches } = counted();
    await using driver = testDriver({ namespace });
    await using another = testDriver({ namespace, processTable: table });
    const broken = startRequest({ command: ['/no/such/program'] });
    await expect(driver.start(broken, unclaimed)).rejects.toMatchObject({ code: 'command_not_found' });
    await another.start(request, unclaimed);
    expect(searches()).toBe(0);
  });
});
