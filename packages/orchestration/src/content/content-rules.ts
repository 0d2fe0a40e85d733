import type { Condition, Entrypoint, ForbidRule, RequireRule } from '@reveille/contracts';
import { compileCondition, type Test } from './condition.ts';
import type { Json } from './json.ts';
import { compilePath } from './json-path.ts';
import { type Frame, frameOf, type Places, places, textOf } from './places.ts';
import type { RuleEngines } from './rule-engines.ts';
import { type Mark, suspicionOf } from './suspicion.ts';

export type ContentVerdict =
  | { ok: true }
  /** `rule` names the rule as the catalog has it (`forbid[3] equals`, `require[0] anyOf`), `path` the place that was looked at. */
  | { ok: false; rule: string; path: string };

export type ContentRules = {
  /** How many rules there are; 0 lets everything pass. */
  readonly size: number;
  /** Judges one parsed frame. Never changes it. */
  check(data: Json): ContentVerdict;
};

/** `mark`: it forbids nothing but a text at its path. */
type Rule = { label: string; path: string; breaks: (frame: Frame) => boolean; mark?: Mark };

const passed: ContentVerdict = { ok: true };

/**
 * Prepares the content rules of an entrypoint once. Checking a frame asks once per path whether what stands there could be a
 * forbidden text, and judges rule by rule only when it could.
 */
export function compileRules(authenticity: Entrypoint['authenticity'], engines: RuleEngines): ContentRules {
  const looks = places();
  const rules = [
    ...authenticity.forbid.map((rule, index) => compileForbid(rule, `forbid[${index}]`, looks, engines)),
    ...authenticity.require.map((rule, index) => compileRequire(rule, `require[${index}]`, looks, engines)),
  ];
  const suspected = suspicionsOf(rules);
  const others = rules.filter(({ mark }) => mark === undefined);
  return {
    size: rules.length,
    check(data) {
      if (rules.length === 0) return passed;
      const frame = frameOf(data);
      if (!suspected(data) && !others.some((rule) => rule.breaks(frame))) return passed;
      const broken = rules.find((rule) => rule.breaks(frame));
      return broken === undefined ? passed : { ok: false, rule: broken.label, path: broken.path };
    },
  };
}

function compileForbid(rule: ForbidRule, label: string, looks: Places, engines: RuleEngines): Rule {
  if ('schema' in rule) {
    const fits = engines.compileSchema(rule.schema);
    return { label: `${label} schema`, path: '$', breaks: (frame) => fits(frame.data) };
  }
  const { meets, kind, mark } = compileCondition(rule, looks, engines);
  return { label: `${label} ${kind}`, path: rule.path, breaks: meets, ...(mark === undefined ? {} : { mark }) };
}

/** Could one of the rules that forbid a text be broken? One look at each of their paths. */
function suspicionsOf(rules: readonly Rule[]): (data: Json) => boolean {
  const marks = Map.groupBy(
    rules.filter(({ mark }) => mark !== undefined),
    ({ path }) => path,
  );
  const suspicions = [...marks].map(([path, all]) => ({
    walk: compilePath(path),
    could: suspicionOf(all.flatMap(({ mark }) => mark ?? [])),
  }));
  return (data) => {
    for (const { walk, could } of suspicions) {
      const text = textOf(walk(data));
      if (text !== undefined && could(text)) return true;
    }
    return false;
  };
}

function compileRequire(rule: RequireRule, label: string, looks: Places, engines: RuleEngines): Rule {
  const applies = rule.when === undefined ? always : compileCondition(rule.when, looks, engines).meets;
  const path = rule.when?.path ?? '$';
  if (rule.schema !== undefined) {
    const fits = engines.compileSchema(rule.schema);
    return { label: `${label} schema`, path, breaks: (frame) => applies(frame) && !fits(frame.data) };
  }
  const wanted = (rule.anyOf ?? []).map(
    (condition: Condition): Test => compileCondition(condition, looks, engines).meets,
  );
  return {
    label: `${label} anyOf`,
    path,
    breaks: (frame) => applies(frame) && !wanted.some((meets) => meets(frame)),
  };
}

function always(): boolean {
  return true;
}
