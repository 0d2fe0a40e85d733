import type { KeyObject } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { ContentRules, ResumedSession } from '@reveille/orchestration';
import type { Logger } from '@reveille/telemetry';
import type { WebSocket } from 'ws';
import type { Authenticate, Authenticated } from '../accept/authenticate.ts';
import type { PlanGroup } from '../deliver/plan-group.ts';
import type { KeptSession } from '../keep/kept-session.ts';
import type { Place } from '../limit/connection-leases.ts';
import type { MessageAllowances } from '../limit/message-allowances.ts';
import type { EdgeTimings } from '../timings.ts';

/** What a session is made of. */
export type SessionOf = {
  readonly id: string;
  readonly socket: WebSocket;
  /** What the WebSocket runs on. */
  readonly connection: Duplex;
  readonly principal: Authenticated;
  /** Among the connections of its user. */
  readonly place: Place;
  readonly allowances: MessageAllowances;
  readonly group: PlanGroup;
  readonly rules: ContentRules;
  readonly signingKey: KeyObject;
  readonly authenticate: Authenticate | undefined;
  readonly timings: EdgeTimings;
  /** A limit of the entrypoint was reached. */
  readonly onLimit: (limit: string) => void;
  /** `idle.quietAfterMs` of the service that answers. */
  readonly quietAfterMs: number | undefined;
  readonly logger: Logger;
  /** Absent where the entrypoint keeps nothing. */
  readonly kept: KeptSession | undefined;
  /** Of a session that is continued from another socket. */
  readonly from: ResumedSession | undefined;
};
