import type { Logger } from '@reveille/telemetry';
import type { StatedPrices } from '../prices/stated-prices.ts';
import type { Engine } from '../engine/engine.ts';
import type { AgentEvent } from '../runs/run-event.ts';
import type { ToolCall } from '../runs/run-result.ts';
import type { RunRequest } from '../runs/run-request.ts';
import type { ThreadClient } from '../threads/thread-client.ts';
import type { ToolSession } from '../tools/tool-session.ts';

/** All that the agents of one run have. Each run has its own; what two runs could share is not in here. */
export interface AgentContext {
  readonly request: RunRequest;
  readonly engine: Engine;
  readonly tools: ToolSession;
  readonly threads: ThreadClient;
  readonly traceId: string;
  readonly log: Logger;
  /** The user's, from this message or an earlier one of the conversation. */
  readonly prices?: StatedPrices | undefined;
  /** Aborts when the run is cancelled or takes too long. */
  readonly signal: AbortSignal;
  /** Calls made so far, in order. */
  readonly calls: ToolCall[];
  say(event: AgentEvent): void;
}
