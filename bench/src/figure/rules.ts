import { writeFileSync } from 'node:fs';
import { compileRegex, compileSchema } from '@reveille/catalog';
import type { Catalog, CatalogInput } from '@reveille/contracts';
import { compileRules } from '@reveille/orchestration';
import type { Figure } from '../measure/figure.ts';
import { processorMs } from '../measure/process-cost.ts';
import { interleaved } from '../measure/rounds.ts';
import { medianOf, scaled, spreadOf } from '../measure/samples.ts';
import { entrypoint, trivial } from '../stage/catalogs.ts';
import { Stage, type StageCatalog } from '../stage/stage.ts';
import { Visitor } from '../stage/visitor.ts';
import { askAssistant, assistantCatalog, assistantStage } from './assistant.ts';

/** What the content rules of the assistant cost per frame of a real answer, beside the whole way of that frame through the edge. */
export const rules: Figure = {
  name: 'rules',
  about:
    'cost of the authenticity rules per frame, beside the processor time of that frame’s whole way through the edge',
  async measure({ quick, signal }) {
    const catalog = await assistantCatalog();
    const events = await recordAnswer(catalog);
    const { authenticity } = Object.values(catalog.entrypoints)[0] ?? {};
    if (authenticity === undefined) throw new Error('the assistant has no entrypoint');
    await using stage = await Stage.open(replay(events, authenticity));
    await using judged = await Visitor.arrive(stage.url, 'judged', 'user');
    await using unjudged = await Visitor.arrive(stage.url, 'unjudged', 'user');

    const compiled = compileRules(authenticity, { compileRegex, compileSchema });
    const texts = events.map((event) => JSON.stringify(event));
    const answers = quick ? 30 : 150;
    const { pid } = stage.programs.edge;
    const measured = await interleaved(
      { rounds: quick ? 3 : 9, warmUp: 2, signal },
      {
        check: async () => checkUs(texts, compiled, answers),
        judged: () => wayUs(judged, pid, events.length, answers),
        unjudged: () => wayUs(unjudged, pid, events.length, answers),
      },
    );
    const [check, way] = [spreadOf(measured.check), spreadOf(measured.judged)];
    const difference = medianOf(measured.judged.map((us, round) => us - (measured.unjudged[round] ?? 0)));
    const bytes = texts.reduce((sum, text) => sum + text.length, 0);
    return {
      rows: [
        {
          figure: 'rules',
          what: 'authenticity rules per frame',
          ours: check,
          unit: 'µs',
          reference: { what: 'way of the frame through the edge (processor time)', value: way, unit: 'µs' },
          ratio: check.median / way.median,
          target: { is: 'at_most', ratio: 0.05, words: '≤ 5 %' },
        },
      ],
      notes: [
        `Rules: ${compiled.size} rules on the ${events.length} frames of one real answer of the assistant (${Math.round(bytes / events.length)} bytes each on average). As a cross-check, edge with rules minus edge without: ${difference.toFixed(1)} µs per frame of ${scaled(way, 1).median.toFixed(1)} µs.`,
      ],
    };
  },
};

async function recordAnswer(catalog: Catalog): Promise<object[]> {
  await using stage = await Stage.open(assistantStage(catalog));
  await using visitor = await Visitor.arrive(stage.url, 'chat', 'user');
  // Awaited here: the visitor leaves with this block.
  return await askAssistant(visitor);
}

/** A service that answers each message with the recorded frames, once with the rules and once without. */
function replay(events: readonly object[], authenticity: Catalog['entrypoints'][never]['authenticity']): StageCatalog {
  return (at) => {
    const frames = `${at.dir}/frames.json`;
    writeFileSync(frames, JSON.stringify(events));
    return {
      version: 1,
      services: { answer: trivial('answer', at, frames) } as CatalogInput['services'],
      entrypoints: {
        judged: { ...entrypoint('answer'), authenticity },
        unjudged: entrypoint('answer'),
      } as unknown as CatalogInput['entrypoints'],
    };
  };
}

/** Microseconds per frame. Each frame is parsed anew, as it comes from a socket, and only the judging is timed. */
function checkUs(texts: readonly string[], compiled: ReturnType<typeof compileRules>, answers: number): number {
  const frames = Array.from({ length: answers }, () => texts.map((text) => JSON.parse(text) as never)).flat();
  const began = performance.now();
  for (const frame of frames) if (!compiled.check(frame).ok) throw new Error('a real frame was blocked');
  return ((performance.now() - began) * 1000) / frames.length;
}

/** Microseconds of processor time of the edge per frame that went through it. */
async function wayUs({ socket }: Visitor, edge: number, frames: number, answers: number): Promise<number> {
  let left = frames * answers;
  const done = Promise.withResolvers<void>();
  const hear = (data: Buffer): void => {
    if (data.subarray(0, 17).toString() !== '{"type":"message"') return;
    left -= 1;
    if (left === 0) done.resolve();
  };
  socket.on('message', hear);
  const broken = (): void => done.reject(new Error('the edge closed the connection'));
  socket.once('close', broken);
  const before = processorMs(edge);
  for (let index = 0; index < answers; index += 1)
    socket.send(JSON.stringify({ type: 'send', id: crypto.randomUUID(), data: null }));
  await done.promise;
  const spent = processorMs(edge) - before;
  socket.off('message', hear);
  socket.off('close', broken);
  return (spent * 1000) / (frames * answers);
}
