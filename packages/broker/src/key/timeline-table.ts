import type { RedisKeyRow } from './table-row.ts';

/** What is kept of starts that are over: rows of the table of Redis keys. */
export const timelineKeys: readonly RedisKeyRow[] = [
  {
    pattern: '{NS:pN}:timeline:INSTANCE:GENERATION',
    type: 'zset',
    slot: 'partition',
    content: 'journal entries of a generation by revision',
    writes: 'relay',
    bound: 'the first 50 and the newest 150 entries',
    expiry: '24 hours',
  },
  {
    pattern: '{NS:pN}:durations:SERVICE',
    type: 'zset',
    slot: 'partition',
    content: 'claim to ready of the last starts (ms) by time',
    writes: 'relay',
    bound: '50 starts',
    expiry: '90 days',
  },
  {
    pattern: '{NS:pN}:initialization:INITIALIZATION',
    type: 'hash',
    slot: 'partition',
    content:
      'head: entrypoint, plan, beginning, trace (JSON); generation.INSTANCE; position.INSTANCE: its first number in line; wait.SESSION: user (scope key), edge, from, to (JSON); waits, unlisted: how many are listed and how many are not; end: when and how it ended (JSON)',
    writes: 'edge; relay (generations)',
    bound: 'one; 100 waits',
    expiry: '24 hours',
  },
  {
    pattern: '{NS:pN}:initializations:INDEX',
    type: 'zset',
    slot: 'partition',
    content:
      'initialization → when it began (ms); INDEX: all, entrypoint.NAME, user.SCOPEKEY, session.SESSION or trace.ID',
    writes: 'edge',
    bound: 'the newest 200',
    expiry: '24 hours after the last',
  },
];
