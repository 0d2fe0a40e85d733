import { type Condition, ruleTests } from '@reveille/contracts';
import { foldText } from './fold-text.ts';
import type { Json } from './json.ts';
import { foldedAt, type Frame, type Places } from './places.ts';
import type { RuleEngines } from './rule-engines.ts';
import type { Mark } from './suspicion.ts';

export type Test = (frame: Frame) => boolean;

export type CompiledCondition = {
  readonly meets: Test;
  /** The test that the condition names (the schema sees to it that there is exactly one). */
  readonly kind: (typeof ruleTests)[number];
  /** What it compares texts with, if that is what it does. */
  readonly mark?: Mark;
};

export function compileCondition(
  condition: Condition,
  places: Places,
  engines: Pick<RuleEngines, 'compileRegex'>,
): CompiledCondition {
  const kind = ruleTests.find((test) => condition[test] !== undefined);
  if (kind === undefined) throw new Error(`a condition without a test at ${condition.path}`);
  const look = places.lookAt(condition.path);
  switch (kind) {
    case 'exists': {
      const wanted = condition.exists === true;
      return { kind, meets: (frame) => isThere(look(frame).value) === wanted };
    }
    case 'matches': {
      const matches = engines.compileRegex(condition.matches ?? '');
      return {
        kind,
        meets(frame) {
          const { text } = look(frame);
          return text !== undefined && matches(text);
        },
      };
    }
    case 'equals':
    case 'startsWith':
    case 'contains': {
      const folded = foldText(condition[kind] ?? '');
      const compare = comparisons[kind];
      return {
        kind,
        mark: { kind, folded },
        meets(frame) {
          const text = foldedAt(look(frame));
          return text !== undefined && compare(text, folded);
        },
      };
    }
  }
}

const comparisons = {
  equals: (text: string, mark: string) => text === mark,
  startsWith: (text: string, mark: string) => text.startsWith(mark),
  contains: (text: string, mark: string) => text.includes(mark),
} as const;

/** `null` counts as absent: a result that says `recommendations: null` has none. */
function isThere(value: Json | undefined): boolean {
  return value !== undefined && value !== null;
}
