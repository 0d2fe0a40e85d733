import { stripVTControlCharacters } from 'node:util';
import type { InitializationFrame } from '@reveille/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planLines } from '../../src/render/plan-lines.ts';
import { foldFrame, type PlanView } from '../../src/render/plan-view.ts';
import { styleFor } from '../../src/render/style.ts';
import { textWidth } from '../../src/render/text-width.ts';
import { completed, failed, initializing, slow, started } from '../support/frames.ts';

const view = (...frames: InitializationFrame[]): PlanView =>
  frames.reduce<PlanView>(foldFrame, foldFrame(undefined, started));
const lines = (of: PlanView, columns = 80, rows = 24): string[] =>
  planLines('chat', of, { elapsedMs: 1_400, columns, rows, style: styleFor(false), tick: 0 });

describe('the picture of a plan', () => {
  it('has a row for each service, indented below what it needs', () => {
    expect(lines(view())).toEqual([
      'chat  Told.  1.4 s',
      '· The base        about to start',
      '· The store       about to start',
      '  · The agent     waits for The base, The store',
      '    · The bridge  waits for The agent',
      '░░░░░░░░░░░░░░░░░░░░░░░░ 0 of 4 ready',
    ]);
  });

  it('fills as services become ready', () => {
    const [, base, , agent, , bar] = lines(view(completed('base', 620)));
    expect(base).toMatch(/^✔ The base +ready +0\.6 s$/);
    expect(agent).toMatch(/waits for The store$/);
    expect(bar).toBe('██████░░░░░░░░░░░░░░░░░░ 1 of 4 ready');
  });

  it('says what a service reports, how far it is, which attempt it is and for how long', () => {
    const frame = { ...initializing('base', 'opening_database'), detail: 'replaying', percent: 40, attempt: 2 };
    const [, base] = lines(view(frame));
    expect(base).toMatch(/^⠋ The base +opening database: replaying 40 % \(attempt 2\) +0\.9 s$/);
  });

  it('marks a failed attempt that is tried again, and one that is not', () => {
    expect(lines(view(failed('base', true)))[1]).toMatch(/^↻ The base +base failed\.$/);
    expect(lines(view(failed('base', false)))[1]).toMatch(/^✖ The base +base failed\.$/);
  });

  it('tells in words that it is slow', () => {
    expect(lines(view(slow)).at(-1)).toBe('Slow.');
  });

  it('gives way to a narrow terminal: names before words', () => {
    expect(lines(view(), 30)[3]).toBe('  · The agent');
  });

  it('leaves out those that are ready when there are more services than lines', () => {
    const shown = lines(view(completed('base', 1), completed('store', 1)), 80, 4);
    expect(shown).toHaveLength(4);
    expect(shown[1]).toContain('The agent');
    expect(shown[2]).toBe('  … and 3 more');
  });

  it('is never wider than the terminal and never steers it, whatever services are called and say', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', '界', '\u001b[31m', '\n', '\u202e', 'é', '👩‍👩‍👧', ' ', '\u0007'),
      maxLength: 60,
    });
    fc.assert(
      fc.property(text, text, fc.integer({ min: 1, max: 120 }), fc.boolean(), (name, detail, columns, colours) => {
        // A chain, deeper than a narrow terminal is wide.
        const services = Array.from({ length: 12 }, (_, index) => ({
          ...{ service: `s${index}`, name: name || 'x', state: 'cold' as const },
          dependsOn: index === 0 ? [] : [`s${index - 1}`],
        }));
        const of = foldFrame(foldFrame(undefined, { ...started, services, message: detail }), {
          ...initializing('s11', 'p'),
          detail,
        });
        const frame = { elapsedMs: 9e6, columns, rows: 24, style: styleFor(colours), tick: 3 };
        for (const line of planLines('chat', of, frame)) {
          const plain = stripVTControlCharacters(line);
          expect(textWidth(plain)).toBeLessThanOrEqual(Math.max(1, columns - 1));
          expect(plain).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
        }
      }),
    );
  });

  it('has colours only where they are wanted', () => {
    const coloured = planLines('chat', view(), { elapsedMs: 0, columns: 80, rows: 24, style: styleFor(true), tick: 0 });
    expect(coloured.join('')).toContain('\u001b[');
    expect(lines(view()).join('')).not.toContain('\u001b');
  });
});
