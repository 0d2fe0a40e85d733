import type { KeyObject } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { Entrypoint } from '@reveille/contracts';
import type { Logger } from '@reveille/telemetry';
import type { CurrentCatalog } from '../current-catalog.ts';
import type { PlanGroups } from '../deliver/plan-groups.ts';
import type { KeptSessions } from '../keep/kept-sessions.ts';
import type { MessageAllowances } from '../session/message-allowances.ts';
import type { EdgeTimings } from '../timings.ts';
import type { Authenticate, Authenticated, AuthRefusal } from './authenticate.ts';
import type { ConnectionLeases } from './limits.ts';

/** What a socket came for, as the upgrade request said. */
export type Entrance = {
  readonly name: string;
  readonly entrypoint: Entrypoint;
  /** The catalog that the session lives under, whatever comes after it. */
  readonly current: CurrentCatalog;
  /** What the `Authorization` header of the upgrade was worth, when there was one. */
  readonly bearer: Authenticated | AuthRefusal | undefined;
  /** What the WebSocket runs on. */
  readonly connection: Duplex;
};

/** What it takes to make a session of a socket. */
export type EntranceParts = {
  readonly authenticate: Authenticate | undefined;
  readonly groups: PlanGroups;
  readonly leases: ConnectionLeases;
  readonly kept: KeptSessions;
  readonly allowances: MessageAllowances;
  readonly signingKey: KeyObject;
  readonly timings: EdgeTimings;
  readonly logger: Logger;
  /** A limit was reached; `limit` is one of few names. */
  onLimit(limit: string): void;
};
