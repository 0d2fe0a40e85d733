import type { Json } from '@reveille/client';
import type { Answer } from './conversation.ts';

/** One line of what an assistant did. */
export interface Step {
  readonly key: string;
  readonly who: string;
  readonly text: string;
  readonly state: 'done' | 'active' | 'failed';
  readonly tool?: string;
  readonly durationMs?: number;
  /** How far a tool at work is, from 0 to 100, when it says so. */
  readonly percent?: number;
}

/** A step with the words that it began with: what it said of its progress goes when it is done. */
type Begun = Step & { readonly begun?: string };

type Fields = { readonly [key: string]: Json };

/** An answer that is told in events (`agent_started` … `agent_completed` or `agent_failed`). */
export interface RunView {
  readonly steps: readonly Step[];
  /** The report, Markdown; when the run is complete. */
  readonly text?: string;
  readonly result?: Fields;
  readonly failure?: Fields;
}

const eventTypes = new Set([
  'agent_started',
  'agent_thinking',
  'tool_executing',
  'tool_completed',
  'agent_completed',
  'agent_failed',
]);

export function isFields(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function textOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Undefined when the answer is not told in such events. */
export function runViewOf(answer: Pick<Answer, 'data' | 'interrupted'>): RunView | undefined {
  if (!answer.data.some((event) => isFields(event) && eventTypes.has(String(event['type'])))) return undefined;
  const events = answer.data.filter(isFields);
  const last = events.at(-1);
  const end = last?.['type'] === 'agent_completed' || last?.['type'] === 'agent_failed' ? last : undefined;
  const steps = stepsOf(
    events.filter((event) => event !== end),
    end !== undefined || answer.interrupted === true,
  );
  if (end === undefined) return { steps };
  if (end['type'] === 'agent_failed') return { steps, failure: end };
  const [text, result] = [textOf(end['text']), end['result']];
  return { steps, ...(text === undefined ? {} : { text }), ...(isFields(result) ? { result } : {}) };
}

/** Between 0 and 100, whatever a service sends. */
function percentOf(value: Json | undefined): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? Math.min(100, Math.max(0, value)) : undefined;
}

function stepsOf(events: readonly Fields[], ended: boolean): Step[] {
  const steps: Begun[] = [];
  for (const event of events) {
    const call = textOf(event['call']);
    const started = call === undefined ? -1 : steps.findIndex((step) => step.key === `call ${call}`);
    const begun = steps[started];
    const durationMs = typeof event['durationMs'] === 'number' ? { durationMs: event['durationMs'] } : {};
    if (event['type'] === 'tool_completed' && begun !== undefined) {
      const { percent: _, ...ended } = begun;
      steps[started] = { ...ended, text: ended.begun ?? ended.text, state: 'done', ...durationMs };
      continue;
    }
    if (event['type'] === 'tool_executing' && begun !== undefined) {
      // The same call again: it tells how far it is.
      const percent = percentOf(event['percent']);
      const text = textOf(event['text']) ?? begun.text;
      steps[started] = {
        ...begun,
        begun: begun.begun ?? begun.text,
        text,
        ...(percent === undefined ? {} : { percent }),
      };
      continue;
    }
    const tool = textOf(event['tool']);
    steps.push({
      key: event['type'] === 'tool_executing' && call !== undefined ? `call ${call}` : `step ${steps.length}`,
      who: textOf(event['agent']) ?? '',
      text: textOf(event['text']) ?? textOf(event['message']) ?? String(event['type'] ?? '').replaceAll('_', ' '),
      state: event['type'] === 'tool_executing' && !ended ? 'active' : 'done',
      ...(tool === undefined ? {} : { tool }),
      ...durationMs,
    });
  }
  const newest = steps.at(-1);
  if (!ended && newest) steps[steps.length - 1] = { ...newest, state: 'active' };
  return steps;
}
