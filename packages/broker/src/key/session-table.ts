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
    pattern: '{NS:pN}:handshakes:ADDRESS',
    type: 'string',
    slot: 'partition',
    content:
      'handshakes of a client address in this second (rate-limiter-flexible); with REVEILLE_HANDSHAKES_PER_SECOND',
    writes: 'edge',
    bound: 'one per client address that connects',
    expiry: 'one second after its first handshake',
  },
  {
    pattern: '{NS:pN}:address:ADDRESS',
    type: 'hash',
    slot: 'partition',
    content:
      'edge → its sockets of a client address, and until when that counts (ms); with REVEILLE_CONNECTIONS_PER_ADDRESS',
    writes: 'edge',
    bound: 'one field per edge; those that ran out are dropped by the next one',
    expiry: '15 s after the last renewal',
  },
  {
    pattern: '{NS:pN}:session:SESSION',
    type: 'hash',
    slot: 'partition',
    content:
      'entrypoint, user (scope key), digest of the resume key, edge, epoch, numbers of the messages kept; generation: of the last message accepted; generation.ID: of each that is unanswered',
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
  {
    pattern: '{NS:pN}:session-ends',
    type: 'zset',
    slot: 'partition',
    content: 'session → when it runs out (ms)',
    writes: 'edge',
    bound: 'one member per session',
    expiry: 'with its last member; those that ran out are dropped, 32 with each session that begins',
  },
  {
    pattern: '{NS:pN}:session-sizes',
    type: 'hash',
    slot: 'partition',
    content: 'session → bytes that it counts as; total: all of them, which REVEILLE_SESSIONS_BYTES bounds',
    writes: 'edge',
    bound: 'one field per session',
    expiry: 'never; fields go with the members of session-ends',
  },
];
