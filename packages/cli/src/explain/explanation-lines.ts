import {
  type Calibration,
  type Comparison,
  doing,
  type ExplainedService,
  type Explanation,
  lengthOf,
} from '@reveille/orchestration';
import { durationText } from '../render/duration.ts';
import { printableLine } from '../render/printable.ts';
import { tableLines } from '../render/table.ts';

/** An explanation for people: the cause in one sentence, then what it rests on. */
export function explanationLines(
  explanation: Explanation,
  { sentence, comparison, calibration }: { sentence: string; comparison: Comparison; calibration: Calibration },
  columns: number,
): string[] {
  const { totalMs, workMs, queueMs, unattributedMs } = explanation;
  const restMs = totalMs - workMs - queueMs - unattributedMs;
  const parts = [
    `${durationText(workMs)} work`,
    `${durationText(queueMs)} in the queue`,
    ...(restMs > 0 ? [`${durationText(restMs)} pause before further attempts`] : []),
    `${durationText(unattributedMs)} unattributed`,
  ];
  return [
    printableLine(sentence),
    '',
    `Total          ${durationText(totalMs)}: ${parts.join(', ')}`,
    ...promiseLines(explanation, calibration),
    ...comparisonLines(explanation, comparison),
    ...waitLines(explanation),
    `Initialization ${explanation.initialization}, trace ${explanation.traceId}, ${new Date(explanation.from).toISOString()}`,
    '',
    'Critical chain',
    ...tableLines(['  AT', 'TOOK', 'SERVICE', 'WHAT'], chainRows(explanation), columns),
    '',
    'Blame',
    ...tableLines(['  SHARE', 'TOOK', 'SERVICE', 'WHAT'], blameRows(explanation), columns),
    ...otherLines(explanation, columns),
    ...noteLines(explanation),
  ];
}

function promiseLines({ promisedMs, totalMs, outcome }: Explanation, { runs, ratio, close }: Calibration): string[] {
  const own =
    promisedMs === undefined
      ? 'nothing: not every service had been started before'
      : `${durationText(promisedMs)}, ${outcome === 'ready' ? 'took' : 'has been'} ${durationText(totalMs)}`;
  const all = ratio === undefined ? '' : ` (${close} of the last ${runs} kept, median ${ratio.toFixed(2)} ×)`;
  return [`Promised       ${own}${all}`];
}

function comparisonLines({ totalMs }: Explanation, { runs, usualMs, slower }: Comparison): string[] {
  if (usualMs === undefined) return ['Usual          unknown: no earlier run is kept'];
  const diff = totalMs - usualMs;
  const than = Math.abs(diff) < 50 ? 'as usual' : `${durationText(Math.abs(diff))} ${diff > 0 ? 'slower' : 'faster'}`;
  return [
    `Usual          ${durationText(usualMs)} (median of the last ${runs}): ${than}`,
    ...slower
      .slice(0, 5)
      .map(
        ({ name, label, nowMs, usualMs: before }) =>
          `  slower       ${printableLine(`${name}, ${label}`)}: ${durationText(nowMs)} instead of ${durationText(before)}, ${durationText(nowMs - before)} more`,
      ),
  ];
}

function waitLines({ waits, unlisted, to }: Explanation): string[] {
  const [longest] = waits.toSorted((one, other) => (other.to ?? to) - other.from - ((one.to ?? to) - one.from));
  if (longest === undefined) return [];
  const users = new Set(waits.map(({ user }) => user)).size;
  const open = waits.filter((wait) => wait.to === undefined).length;
  const more = unlisted === 0 ? '' : ` and ${unlisted} more`;
  const end = longest.to === undefined ? 'not ended' : (longest.outcome ?? 'ended');
  return [
    `Waited         ${waits.length}${more} session${waits.length === 1 && unlisted === 0 ? '' : 's'} of ${users} user${users === 1 ? '' : 's'}, the longest ${durationText((longest.to ?? to) - longest.from)} (session ${longest.session}, ${end})${open > 0 ? `; ${open} wait${open === 1 ? '' : 's'} did not end` : ''}`,
  ];
}

function chainRows({ chain, from }: Explanation): string[][] {
  return chain.map((segment) => [
    `  ${durationText(segment.from - from)}`,
    durationText(lengthOf(segment)),
    printableLine(segment.name),
    printableLine(`${doing(segment)}${segment.unfinished ? ', not ended' : ''}`),
  ]);
}

/** Below this nobody needs to read it. */
const leastShare = 0.01;

function blameRows({ blame }: Explanation): string[][] {
  return blame
    .filter(({ share }, index) => share >= leastShare || index === 0)
    .map((each) => [
      `  ${Math.round(each.share * 100)} %`,
      durationText(each.ms),
      printableLine(each.name),
      printableLine(doing(each)),
    ]);
}

function otherLines({ services }: Explanation, columns: number): string[] {
  const others = services.filter(({ onChain }) => !onChain);
  if (others.length === 0) return [];
  const rows = others.map((each) => [`  ${printableLine(each.name)}`, slackText(each), stateText(each)]);
  return ['', 'Not on the chain', ...tableLines(['  SERVICE', 'SLACK', 'TOOK'], rows, columns)];
}

function slackText({ slackMs }: ExplainedService): string {
  return slackMs === undefined ? '–' : durationText(slackMs);
}

function stateText({ outcome, phases }: ExplainedService): string {
  const first = phases.find(({ kind }) => kind !== 'waiting' && kind !== 'queued');
  const last = phases.at(-1);
  switch (outcome) {
    case 'warm':
      return 'was ready before';
    case 'unknown':
      return 'nothing is kept of it';
    default:
      return first === undefined || last === undefined
        ? outcome
        : `${durationText(last.to - first.from)}, ${outcome.replace('_', ' ')}`;
  }
}

function noteLines({ services }: Explanation): string[] {
  const attempts = services.flatMap(({ name, attempts: all }) =>
    all
      .filter(({ outcome }) => outcome === 'failed' || outcome === 'abandoned')
      .map(({ attempt, outcome, failure, from, to }) => {
        const why = outcome === 'abandoned' ? 'its initializer was lost' : (failure?.message ?? 'failed');
        return `${name}, attempt ${attempt}: ${failure?.code ?? outcome} after ${durationText(to - from)}: ${why}`;
      }),
  );
  const notes = [...attempts, ...services.flatMap(({ name, notes: own }) => own.map((note) => `${name}: ${note}`))];
  return notes.length === 0 ? [] : ['', 'Noted', ...notes.map((note) => `  ${printableLine(note)}`)];
}
