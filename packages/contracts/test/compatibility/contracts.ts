import { z } from 'zod';
import {
  catalog,
  clientFrame,
  journalEntry,
  ledgerRecord,
  reconcileJob,
  serverFrame,
  serviceReport,
  startJob,
  upstreamCommand,
  upstreamEvent,
  webhookEvent,
} from '../../src/index.ts';
import type { Schema } from './differences.ts';

/** All that processes of two versions say to one another, or find in Redis of one another; what others are sent; what an operator writes. */
const contracts = {
  ledgerRecord,
  journalEntry,
  reconcileJob,
  startJob,
  serverFrame,
  clientFrame,
  upstreamCommand,
  upstreamEvent,
  serviceReport,
  webhookEvent,
  catalog,
};

/** Each contract as JSON Schema: what may be written, and so must be read. */
export function presentContracts(): Record<string, Schema> {
  return Object.fromEntries(
    Object.entries(contracts).map(([name, contract]) => [
      name,
      z.toJSONSchema(contract, { io: 'input', unrepresentable: 'any' }) as Schema,
    ]),
  );
}
