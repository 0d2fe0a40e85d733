import type { HistoryEntry } from './entry.ts';
import { authentic } from './invariant/authentic.ts';
import { deliveredOnce } from './invariant/delivered-once.ts';
import { isolated } from './invariant/isolated.ts';
import { neverBackwards } from './invariant/never-backwards.ts';
import { oneGeneration } from './invariant/one-generation.ts';
import { oneReady } from './invariant/one-ready.ts';
import { oneTerminal } from './invariant/one-terminal.ts';
import { owned } from './invariant/owned.ts';
import { readyNotKilled } from './invariant/ready-not-killed.ts';

/** Finds what breaks an invariant, in words. */
export type Invariant = (history: readonly HistoryEntry[]) => string[];

/** By the number in `ARCHITECTURE.md`, "What always holds". What a history cannot show (5: publishes; 9: an outage as such) has tests of its own. */
export const invariants: Readonly<Record<string, Invariant>> = {
  '1 one ready generation': oneReady,
  '1 one generation for a session': oneGeneration,
  '2 nothing runs unowned': owned,
  '2 nothing ready is killed': readyNotKilled,
  '3 one terminal frame': oneTerminal,
  '4 never backwards': neverBackwards,
  '6 nothing made up': authentic,
  '7 delivered once or told': deliveredOnce,
  '8 nobody sees another': isolated,
};

/** Decides from a history alone. Empty: all invariants held. */
export function violationsIn(history: readonly HistoryEntry[]): string[] {
  return Object.entries(invariants).flatMap(([name, find]) => find(history).map((what) => `${name}: ${what}`));
}
