import { type Condition, ruleTests } from '@reveille/contracts';
import { foldText } from './fold-text.ts';
import type { Json } from './json.ts';
import { compilePath } from './json-path.ts';
import type { RuleEngines } from './rule-engines.ts';

/** A frame under judgement. Places that several rules look at are found and folded once per frame. */
export type Frame = { data: Json; places: Map<string, Place> };
type Place = { value: Json | undefined; text: string | undefined; folded: string | undefined };
export type Test = (frame: Frame) => boolean;

export function frameOf(data: Json): Frame {
  return { data, places: new Map() };
}

/** `kind` is the test that the condition names (the schema sees to it that there is exactly one). */
export function compileCondition(
  condition: Condition,
  engines: Pick<RuleEngines, 'compileRegex'>,
): { meets: Test; kind: (typeof ruleTests)[number] } {
  const kind = ruleTests.find((test) => condition[test] !== undefined);
  if (kind === undefined) throw new Error(`a condition without a test at ${condition.path}`);
  const walk = compilePath(condition.path);
  const look = (frame: Frame): Place => placeAt(frame, condition.path, walk);
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
      const mark = foldText(condition[kind] ?? '');
      const compare = comparisons[kind];
      return {
        kind,
        meets(frame) {
          const text = foldedAt(look(frame));
          return text !== undefined && compare(text, mark);
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

function placeAt(frame: Frame, path: string, walk: (data: Json) => Json | undefined): Place {
  const known = frame.places.get(path);
  if (known !== undefined) return known;
  const value = walk(frame.data);
  const place: Place = { value, text: textOf(value), folded: undefined };
  frame.places.set(path, place);
  return place;
}

/** Numbers and booleans are compared as they are written in JSON, so that `equals: "true"` is not a rule that never applies. */
function textOf(value: Json | undefined): string | undefined {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'boolean':
      return String(value);
    default:
      return undefined;
  }
}

function foldedAt(place: Place): string | undefined {
  if (place.text === undefined) return undefined;
  place.folded ??= foldText(place.text);
  return place.folded;
}
