import type { Condition, Entrypoint, ForbidRule, RequireRule } from '@reveille/contracts';
import { compileCondition, type Test } from './condition.ts';
import type { Json } from './json.ts';
import { type Frame, frameOf, type Places, places } from './places.ts';
import type { RuleEngines } from './rule-engines.ts';

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

type Rule = { label: string; path: string; breaks: (frame: Frame) => boolean };

const passed: ContentVerdict = { ok: true };

/** Prepares the content rules of an entrypoint once; checking a frame then only walks paths and compares. */
export function compileRules(authenticity: Entrypoint['authenticity'], engines: RuleEngines): ContentRules {
  const looks = places();
  const rules = [
    ...authenticity.forbid.map((rule, index) => compileForbid(rule, `forbid[${index}]`, looks, engines)),
    ...authenticity.require.map((rule, index) => compileRequire(rule, `require[${index}]`, looks, engines)),
  ];
  return {
    size: rules.length,
    check(data) {
      if (rules.length === 0) return passed;
      const frame = frameOf(data);
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
  const { meets, kind } = compileCondition(rule, looks, engines);
  return { label: `${label} ${kind}`, path: rule.path, breaks: meets };
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
