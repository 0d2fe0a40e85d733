import { appendFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { entriesOf, type HistoryEntry } from '../history/entry.ts';
import { violationsIn } from '../history/check.ts';
import { FaultWorld } from '../world/fault-world.ts';
import type { WorldOf } from '../world/world-of.ts';
import { Injection } from './injection.ts';
import type { Group, RowResult } from './row-result.ts';

export type RowOf = {
  /** Part of every run of the tests; the others run with `npm run test:faults`. */
  readonly representative?: boolean;
  readonly world?: WorldOf;
};

export type RowBody = (world: FaultWorld, faults: Injection) => Promise<void>;

/** Wide on purpose: it ends a row that hangs. */
const rowMs = 900_000;
/** Set by `npm run test:faults`: all rows run, and their results go into this file, a line of JSON each. */
const resultsFile = process.env['REVEILLE_FAULT_RESULTS'];
/** What happened is kept of a row that failed; of the others too, when this is `all`. */
const keepsAll = process.env['REVEILLE_FAULT_KEEP'] === 'all';

/** Rows of a group, each a test with a name in a world of its own. */
export function faultRows(
  group: Group,
  define: (row: (fault: string, of: RowOf, body: RowBody) => void) => void,
): void {
  describe.concurrent(`${group}`, { timeout: rowMs }, () => {
    define((fault, of, body) => {
      const runs = of.representative === true || resultsFile !== undefined;
      test.runIf(runs)(`${fault}`, () => runRow({ group, fault }, of, body));
    });
  });
}

async function runRow(name: { group: Group; fault: string }, of: RowOf, body: RowBody): Promise<void> {
  await using world = await FaultWorld.create(of.world);
  const faults = new Injection(world);
  let survived = false;
  try {
    await body(world, faults);
    await world.tail.caughtUp();
    world.history.note({ did: 'end' });
    const history = world.history.all();
    checkRow(history, faults);
    if (keepsAll) keep(name.fault, world, history);
    expect(await world.end(), 'left behind').toEqual([]);
    survived = true;
  } catch (error) {
    keep(name.fault, world, world.history.all());
    throw error;
  } finally {
    const { injected, recoveriesMs, saw } = faults;
    const recoveryMs = recoveriesMs.length === 0 ? undefined : Math.max(...recoveriesMs);
    const result: RowResult = { ...name, injected, survived, recoveryMs, saw };
    if (resultsFile !== undefined) appendFileSync(resultsFile, `${JSON.stringify(result)}\n`);
  }
}

/**
 * What happened in a row, beside the results: a history that can be read, checked again and kept as a fixture, and what the deployables
 * logged.
 */
function keep(fault: string, world: FaultWorld, history: readonly HistoryEntry[]): void {
  if (resultsFile === undefined) return;
  const file = `${resultsFile}.${fault.replaceAll(/\W+/g, '-')}`;
  writeFileSync(`${file}.history`, linesOf(history));
  const logged = world.placed.flatMap(({ deployable: { kind, child, log, errors } }) => {
    const of = `${kind} ${child.pid}`;
    return [
      ...log.map((line) => ({ of, ...line })),
      ...errors.map((msg) => ({ of, msg })),
      { of, exitCode: child.exitCode, signal: child.signalCode },
    ];
  });
  writeFileSync(`${file}.log`, linesOf(logged));
}

function linesOf(entries: readonly object[]): string {
  return entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
}

/** The fault happened, and the history breaks no invariant. */
function checkRow(history: readonly HistoryEntry[], faults: Injection): void {
  expect(violationsIn(history)).toEqual([]);
  expect(faults.injected, 'the fault never happened').toBeGreaterThan(0);
  expect(entriesOf(history, 'fault').length).toBe(faults.injected);
}
