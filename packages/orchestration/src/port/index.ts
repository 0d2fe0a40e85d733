export * from './broker.ts';
export * from './driver.ts';
export * from './journal.ts';
export * from './ledger.ts';
export * from './presence.ts';
export * from './quotas.ts';
export * from './session-store.ts';
export * from './wake-ups.ts';
