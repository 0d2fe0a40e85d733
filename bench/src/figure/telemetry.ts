import { launchRedis } from '@reveille/broker/server';
import type { Effort, Figure, Row } from '../measure/figure.ts';
import { goesOn, interleaved, timed } from '../measure/rounds.ts';
import { medianOf, scaled, spreadOf } from '../measure/samples.ts';
import { Audience } from '../stage/audience.ts';
import { chain } from '../stage/catalogs.ts';
import { type Kind, startDeployable } from '../stage/deployable.ts';
import { OtlpSink } from '../stage/otlp-sink.ts';
import { Stage } from '../stage/stage.ts';
import { StartLine } from '../stage/start-line.ts';
import { assistantCatalog, assistantStage, planOfChat } from './assistant.ts';
import { type ColdStart, coldStart } from './cold-start.ts';

/** Time for all cold starts. */
const budgetMs = 75_000;
/** What each deployable may need longer until it runs. */
const laterMs = 500;
const kinds = ['edge', 'initializer', 'relay'] as const satisfies readonly Kind[];

/** What traces and metrics cost that are sent to a collector, beside the same without. */
export const telemetry: Figure = {
  name: 'telemetry',
  about: 'traces and metrics sent to a collector on this machine, beside the same without',
  async measure(effort) {
    await using sink = await OtlpSink.open();
    const rows = [
      await coldRow(sink, effort),
      await broadcastRow(sink, effort),
      await startsRow(sink, effort),
      ...(await ownStartRows(sink, effort)),
    ];
    if (sink.takenKb === 0) throw new Error('the collector was given nothing: what was measured is no telemetry');
    const notes = [`With telemetry: ${sink.takenKb.toFixed(0)} KB were handed to the collector.`];
    return { rows, notes };
  },
};

async function coldRow(sink: OtlpSink, { quick, signal }: Effort): Promise<Row> {
  const catalog = await assistantCatalog();
  const plan = planOfChat(catalog);
  await using off = await Stage.open(assistantStage(catalog));
  await using on = await Stage.open(assistantStage(catalog), sink.variables);
  const starts = { off: [] as ColdStart[], on: [] as ColdStart[] };
  const until = performance.now() + budgetMs;
  for (let round = 0; goesOn({ done: round - 1, wanted: quick ? 1 : 8, enough: quick ? 1 : 4, until }); round += 1) {
    for (const [name, stage] of [['off', off] as const, ['on', on] as const]) {
      signal.throwIfAborted();
      const start = await coldStart(stage, { ...plan, entrypoint: 'chat', user: `user-${round}`, signal });
      // The first one creates the database and fills the compile cache.
      if (round > 0) starts[name].push(start);
    }
  }
  // What the services need themselves is no matter of ours, and counts alike for both: it varies by more than what is measured.
  const own = medianOf([...starts.off, ...starts.on].map(({ ownMs }) => ownMs));
  const total = (of: readonly ColdStart[]) => spreadOf(of.map(({ totalMs, ownMs }) => own + totalMs - ownMs));
  const [ours, value] = [total(starts.on), total(starts.off)];
  return {
    ...{ figure: 'telemetry', what: 'assistant from cold, with telemetry', ours, unit: 'ms' },
    reference: { what: 'without', value, unit: 'ms' },
    ratio: ours.median / value.median,
    target: { is: 'at_most', ratio: 1.03 },
  };
}

async function broadcastRow(sink: OtlpSink, { quick, signal }: Effort): Promise<Row> {
  const size = quick ? 300 : 2000;
  await using off = await Audience.gather({ size, signal });
  await using on = await Audience.gather({ size, signal, telemetry: sink.variables });
  const perSecond = (one: Audience) => async () => 1_000_000 / (await one.teller.sample(size));
  const rates = await interleaved(
    { rounds: quick ? 3 : 9, warmUp: 1, signal },
    { on: perSecond(on), off: perSecond(off) },
  );
  const [ours, value] = [spreadOf(rates.on), spreadOf(rates.off)];
  return {
    ...{ figure: 'telemetry', what: `frames to ${size} who wait per second of the edge’s processor, with telemetry` },
    ...{ ours, unit: '/s' },
    reference: { what: 'without', value, unit: '/s' },
    ratio: ours.median / value.median,
    target: { is: 'at_least', ratio: 0.95 },
  };
}

async function startsRow(sink: OtlpSink, { quick, signal }: Effort): Promise<Row> {
  await using servers = new AsyncDisposableStack();
  const line = async (variables: Readonly<Record<string, string>>): Promise<StartLine> =>
    servers.use(await StartLine.open(servers.use(await launchRedis()), variables));
  const [off, on] = [await line({}), await line(sink.variables)];
  const many = quick ? 300 : 1000;
  const rates = await interleaved(
    { rounds: quick ? 2 : 7, warmUp: 1, signal },
    { on: async () => (await on.start(many)).rate, off: async () => (await off.start(many)).rate },
  );
  const [ours, value] = [spreadOf(rates.on), spreadOf(rates.off)];
  return {
    ...{ figure: 'telemetry', what: 'starts with a driver that does nothing, with telemetry', ours, unit: '/s' },
    reference: { what: 'without', value, unit: '/s' },
    ratio: ours.median / value.median,
    target: { is: 'at_least', ratio: 0.9 },
  };
}

/** How much later each deployable runs. */
async function ownStartRows(sink: OtlpSink, { quick, signal }: Effort): Promise<Row[]> {
  await using stage = await Stage.open(chain);
  const rows: Row[] = [];
  for (const kind of kinds) {
    const start = (variables: Readonly<Record<string, string>>) => async (): Promise<number> => {
      await using parts = new AsyncDisposableStack();
      return await timed(async () => {
        parts.use((await startDeployable(kind, { ...variables, ...stage.environment })).program);
      });
    };
    const times = await interleaved({ rounds: quick ? 2 : 5, signal }, { on: start(sink.variables), off: start({}) });
    const later = medianOf(times.on) - medianOf(times.off);
    const ours = scaled(spreadOf(times.on), later / medianOf(times.on));
    rows.push({
      ...{ figure: 'telemetry', what: `${kind}: runs later with telemetry by`, ours, unit: 'ms' },
      reference: { what: 'allowed', value: spreadOf([laterMs]), unit: 'ms' },
      // On a noisy machine it may come out as sooner: then it costs nothing that could be measured.
      ratio: Math.max(later / laterMs, 0.01),
      target: { is: 'at_most', ratio: 1 },
    });
  }
  return rows;
}
