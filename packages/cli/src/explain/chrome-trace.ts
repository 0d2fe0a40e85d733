import { doing, type Explanation, lengthOf } from '@reveille/orchestration';

/** One event of the Trace Event Format (chrome://tracing, Perfetto). `ts` and `dur` are microseconds. */
type TraceEvent = {
  name: string;
  ph: 'X' | 'M';
  pid: 1;
  tid: number;
  ts?: number;
  dur?: number;
  cat?: string;
  args: Record<string, unknown>;
};

/** One row for each service in the order of the plan, under a row with the critical chain. */
export function chromeTrace(explanation: Explanation): { displayTimeUnit: 'ms'; traceEvents: TraceEvent[] } {
  const at = (ms: number): number => (ms - explanation.from) * 1000;
  const rows = [
    {
      name: 'critical chain',
      phases: explanation.chain.map((one) => ({ ...one, title: `${one.name}: ${doing(one)}` })),
    },
    ...explanation.services.map(({ name, phases }) => ({
      name,
      phases: phases.map((one) => ({ ...one, title: doing(one) })),
    })),
  ];
  const traceEvents = rows.flatMap(({ name, phases }, tid): TraceEvent[] => [
    { name: 'thread_name', ph: 'M', pid: 1, tid, args: { name } },
    { name: 'thread_sort_index', ph: 'M', pid: 1, tid, args: { sort_index: tid } },
    ...phases.map((phase): TraceEvent => ({
      name: phase.title,
      ph: 'X',
      ...{ pid: 1, tid, ts: at(phase.from), dur: lengthOf(phase) * 1000, cat: phase.kind },
      args: { attempt: phase.attempt, ...(phase.detail === undefined ? {} : { detail: phase.detail }) },
    })),
  ]);
  const title: TraceEvent = { name: 'process_name', ph: 'M', pid: 1, tid: 0, args: { name: explanation.entrypoint } };
  return { displayTimeUnit: 'ms', traceEvents: [title, ...traceEvents] };
}
