import { setImmediate as turn } from 'node:timers/promises';
import type { ServerFrame } from '@reveille/contracts';
import { expect, test } from 'vitest';
import { startAssistant } from '../../src/assistant/assistant.ts';
import { assistantServices } from '../../src/assistant/catalog.ts';
import { startsOf, unsaid } from '../../src/assistant/history.ts';
import { resultOf, User } from '../../src/assistant/user.ts';
import { seeded } from '../../src/seed.ts';
import { generatedTable } from '../../src/usage-table.ts';

const users = 30;
const edges = 3;

/** Moments of a cold start, as its first user sees them; half of them while the supervisor starts. */
const moments: Record<string, (frame: ServerFrame) => boolean> = {
  'the start is announced': (frame) => frame.type === 'initialization_started',
  'the tools are ready': (frame) => frame.type === 'service_completed' && frame.service === 'tool_classes',
  'the threads are ready': (frame) => frame.type === 'service_completed' && frame.service === 'thread_service',
  'the supervisor is next': (frame) => isSupervisor(frame) && frame.phase === 'queued',
  'the supervisor starts': (frame) => isSupervisor(frame) && frame.phase === 'starting',
  'the supervisor runs': (frame) => isSupervisor(frame) && frame.phase === 'probing',
  'the supervisor is ready': (frame) => frame.type === 'service_completed' && frame.service === 'agent_supervisor',
};

function isSupervisor(frame: ServerFrame): frame is Extract<ServerFrame, { type: 'service_initializing' }> {
  return frame.type === 'service_initializing' && frame.service === 'agent_supervisor';
}

test(
  `${users} users who connect at random moments while the supervisor starts join one start, and each gets a real answer`,
  { timeout: 180_000 },
  async () => {
    const random = seeded();
    await using cluster = await startAssistant({ size: { edge: edges } });
    const first = await User.at(cluster, 'first');
    const reached = new Map(
      Object.entries(moments).map(([moment, isIt]) => {
        const { promise, resolve } = Promise.withResolvers<void>();
        // A moment that this start passed too quickly to be seen is over with it.
        first.client.on('*', (frame) => {
          if (isIt(frame) || frame.type === 'initialization_completed') resolve();
        });
        return [moment, promise];
      }),
    );

    const arrivals = Array.from({ length: users }, (_, index) => ({
      name: `user-${index}`,
      edge: random.whole(0, edges - 1),
      moment: random.pick([...reached.keys()]),
      turns: random.whole(0, 50),
      table: generatedTable(random, { rows: random.whole(20, 200) }),
    }));
    const arrived = await Promise.all(
      arrivals.map(async ({ name, edge, moment, turns, table }) => {
        await reached.get(moment);
        for (let count = 0; count < turns; count++) await turn();
        const user = await User.at(cluster, name, { edge });
        const events = await user.ask({ text: 'Where do the tokens go?', files: [table.file] });
        return { user, events, table };
      }),
    );

    for (const { user, events, table } of arrived) {
      expect(resultOf(events).analysis_results.totals).toEqual(table.totals);
      expect(user.terminal().map((frame) => frame.type)).toEqual(['initialization_completed']);
      expect(unsaid(user.said(), cluster.dir)).toEqual([]);
    }
    await first.client.ready();
    expect(first.terminal()).toHaveLength(1);
    for (const service of assistantServices) expect(startsOf(service, cluster.dir), service).toHaveLength(1);

    // It was a race: most of them came while the start was under way, and saw its end.
    const reasons = arrived.flatMap(({ user }) => user.of('initialization_started').map((frame) => frame.reason));
    expect(reasons.length).toBeGreaterThan(users / 3);
    // On one edge they share one trace. Two edges that see the cold plan in the same moment begin one each.
    for (let edge = 0; edge < edges; edge++) {
      const here = arrived.filter((_, index) => arrivals[index]?.edge === edge);
      const traces = here.flatMap(({ user }) => user.of('initialization_started').map((frame) => frame.traceId));
      expect(new Set(traces).size, `edge ${edge}`).toBeLessThanOrEqual(1);
    }
  },
);
