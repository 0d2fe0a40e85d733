import type { Sample } from './sample.ts';

/** What stood on the pages of all processes at one time, and the alerts that fire on it, as `NAME` or `NAME SERVICE`. */
export type Scene = { samples: readonly Sample[]; fires: readonly string[] };

/** For which a scene is held: past the five that failing starts have to go on, within the ten for which a first event is told of. */
const minutes = 8;

/** A test for `promtool test rules` over what was really scraped: at the end of each scene its alerts fire, and no other one. */
export function rehearsal({ rules, scenes }: { rules: string; scenes: readonly Scene[] }): string {
  const names = new Set(scenes.flatMap(({ samples }) => samples.map(seriesOf)));
  const input = [...names].map((series) => ({
    series,
    values: scenes.flatMap((scene) => Array<string>(minutes).fill(valueIn(scene, series))).join(' '),
  }));
  const checks = scenes.map(({ fires }, at) => ({
    expr: 'group by (alertname, service) (ALERTS{alertstate="firing"})',
    eval_time: `${(at + 1) * minutes - 1}m`,
    exp_samples: fires.map((alert) => {
      const [alertname = '', service] = alert.split(' ');
      return { labels: braced({ alertname, ...(service && { service }) }), value: 1 };
    }),
  }));
  const test = { interval: '1m', input_series: input, promql_expr_test: checks };
  // JSON is YAML.
  return JSON.stringify({ rule_files: [rules], evaluation_interval: '1m', tests: [test] });
}

function seriesOf({ name, labels }: Sample): string {
  return `${name}${braced(labels)}`;
}

function braced(labels: Record<string, string>): string {
  return `{${Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`)}}`;
}

/** `_` of promtool: nothing was scraped. */
function valueIn({ samples }: Scene, series: string): string {
  return String(samples.find((sample) => seriesOf(sample) === series)?.value ?? '_');
}
