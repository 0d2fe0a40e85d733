import { describe } from 'vitest';
import type { MakeBench } from './bench.ts';
import { journalConformance } from './journal.ts';
import { leaseConformance } from './lease.ts';
import { ledgerConformance } from './ledger.ts';
import { messageRateConformance } from './message-rates.ts';
import { operationConformance } from './operations.ts';
import { presenceConformance } from './presence.ts';
import { quotaConformance } from './quotas.ts';
import { routerConformance } from './router.ts';
import { sessionConformance } from './sessions.ts';
import { timelineConformance } from './timelines.ts';
import { turnConformance } from './turns.ts';
import { wakeUpConformance } from './wake-ups.ts';

/** What every broker does, whatever it stands on. */
export function brokerConformance(make: MakeBench): void {
  describe('ledger', () => ledgerConformance(make));
  describe('leases and attention', () => leaseConformance(make));
  describe('journal', () => journalConformance(make));
  describe('router', () => routerConformance(make));
  describe('wake-ups', () => wakeUpConformance(make));
  describe('turns', () => turnConformance(make));
  describe('timelines', () => timelineConformance(make));
  describe('quotas', () => quotaConformance(make));
  describe('sessions', () => sessionConformance(make));
  describe('message rates', () => messageRateConformance(make));
  describe('operations', () => operationConformance(make));
  describe('presence', () => presenceConformance(make));
}
