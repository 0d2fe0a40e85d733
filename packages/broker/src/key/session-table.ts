import type { RedisKeyRow } from './table-row.ts';

/** What is kept of sessions: rows of the table of Redis keys. */
export const sessionKeys: readonly RedisKeyRow[] = [
  {
    pattern: '{NS:pN}:rate:ENTRYPOINT:USER',
    type: 'string',
    slot: 'partition',
    content: 'messages of this second (rate-limiter-flexible)',
    writes: 'edge',
    bound: 'one per user who talks',
    expiry: 'one second after its first message',
  },
  {
    pattern: '{NS:pN}:session:SESSION',
    type: 'hash',
    slot: 'partition',
    content: 'entrypoint, user (scope key), digest of the resume key, edge, epoch, numbers of the messages kept',
    writes: 'edge',
    bound: 'one per session',
    expiry: 'resume window after the last sign of life',
  },
  {
    pattern: '{NS:pN}:session:SESSION:messages',
    type: 'list',
    slot: 'partition',
    content: 'message frames that the client has not confirmed',
    writes: 'edge',
    bound: 'resume.messages and resume.bytes of the entrypoint',
    expiry: 'with the session',
  },
  {
    pattern: '{NS:pN}:session:SESSION:accepted',
    type: 'list',
    slot: 'partition',
    content: 'ids of messages that were accepted',
    writes: 'edge',
    bound: '256 ids',
    expiry: 'with the session',
  },
  {
    pattern: '{NS:pN}:session:SESSION:unanswered',
    type: 'set',
    slot: 'partition',
    content: 'those of them whose answer is not complete',
    writes: 'edge',
    bound: '256 ids',
    expiry: 'with the session',
  },
];
