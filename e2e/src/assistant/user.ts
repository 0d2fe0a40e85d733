import type { ReveilleClient } from '@reveille/client';
import type { ServerFrame, ServerFrameOf } from '@reveille/contracts';
import type { Cluster } from '../cluster.ts';

/** An event of a run, as far as the suites look into it. */
export type RunEvent = { type: string; run: string; at: number; agent: string; text: string; result?: RunResult };
export type RunResult = {
  analysis_results: {
    totals?: { requests: number; inputTokens: number; outputTokens: number; cost?: number };
    missing: { what: string; why: string }[];
    table?: { name: string };
  };
  engine: string;
  language_model: string | null;
  trace_id: string;
};
export type Message = { text: string; files?: { name: string; content: string }[]; prices?: object };

/** A user at an edge, with every frame that came, in order. */
export class User {
  readonly client: ReveilleClient;
  readonly frames: ServerFrame[] = [];

  private constructor(client: ReveilleClient) {
    this.client = client;
    client.on('*', (frame) => this.frames.push(frame));
  }

  static async at(cluster: Cluster, name: string, of: { edge?: number; tenant?: string; entrypoint?: string } = {}) {
    const { edge = 0, ...options } = of;
    return new User(await cluster.connect(name, edge, options));
  }

  of<T extends ServerFrame['type']>(type: T): ServerFrameOf<T>[] {
    return this.frames.filter((frame): frame is ServerFrameOf<T> => frame.type === type);
  }

  types(): string[] {
    return this.frames.map((frame) => frame.type);
  }

  /** The frames that end an initialization, in order. */
  terminal(): (ServerFrameOf<'initialization_completed'> | ServerFrameOf<'initialization_failed'>)[] {
    return this.frames.filter(
      (frame) => frame.type === 'initialization_completed' || frame.type === 'initialization_failed',
    );
  }

  /** Everything that a service said to this user. */
  said(): unknown[] {
    return this.of('message').map((frame) => frame.data);
  }

  /** Asks, and gives all events of the run up to the final one. */
  async ask(message: Message, id?: string): Promise<RunEvent[]> {
    const frames = await Array.fromAsync(this.client.ask(message as never, id === undefined ? {} : { id }));
    return frames.map(({ data }) => data as unknown as RunEvent);
  }
}

/** The result of a run that was completed. */
export function resultOf(events: readonly RunEvent[]): RunResult {
  const last = events.at(-1);
  if (last?.type !== 'agent_completed' || last.result === undefined)
    throw new Error(`the run was not completed: ${JSON.stringify(last)}`);
  return last.result;
}
