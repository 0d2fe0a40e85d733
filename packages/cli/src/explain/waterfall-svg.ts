import { doing, type ExplainedService, type Explanation, type Phase } from '@reveille/orchestration';
import { durationText } from '../render/duration.ts';
import { svgKinds, svgStyle } from './svg-style.ts';
import { fitSvgText, svgText, wrapText } from './svg-text.ts';

const width = 1200;
const pad = 24;
const nameColumn = 190;
const factsColumn = 150;
const rowHeight = 28;
const barHeight = 16;
const left = pad + nameColumn;
const right = width - pad - factsColumn;
const titleCharacters = 118;
/** Bars narrower than this cannot be seen. */
const leastBar = 1.5;

/** The run as a waterfall: one row for each service, dependencies first; a line follows the critical chain. Needs nothing but itself. */
export function waterfallSvg(explanation: Explanation, sentence: string): string {
  const title = wrapText(sentence, titleCharacters);
  const top = pad + title.length * 22 + 52;
  const rows = explanation.services;
  const bottom = top + rows.length * rowHeight;
  const height = bottom + 66;
  const scale = new Scale(explanation);
  const lines = title.map(
    (line, index) => `<text class="title" x="${pad}" y="${pad + 16 + index * 22}">${svgText(line)}</text>`,
  );
  const facts = `${durationText(explanation.totalMs)} in all: ${durationText(explanation.workMs)} work, ${durationText(explanation.queueMs)} in the queue, ${durationText(explanation.unattributedMs)} unattributed. The line follows the critical chain.`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${svgText(sentence)}">`,
    `<style>${svgStyle}</style>`,
    `<rect class="ground" width="${width}" height="${height}"/>`,
    ...lines,
    `<text class="soft" x="${pad}" y="${pad + 16 + title.length * 22}">${svgText(facts)}</text>`,
    ...rows.flatMap((_, index) =>
      index % 2 === 0
        ? [
            `<rect class="band" x="${pad - 8}" y="${top + index * rowHeight}" width="${width - 2 * pad + 16}" height="${rowHeight}"/>`,
          ]
        : [],
    ),
    ...scale
      .ticks()
      .flatMap(({ x, text }) => [
        `<line class="line" x1="${x}" x2="${x}" y1="${top - 4}" y2="${bottom}"/>`,
        `<text class="soft small middle" x="${x}" y="${top - 10}">${text}</text>`,
      ]),
    ...rows.flatMap((service, index) => row(service, top + index * rowHeight, scale)),
    ...connecting(explanation, top, scale),
    chainPath(explanation, top, scale),
    ...legend(bottom + 34),
    '</svg>',
  ].join('\n');
}

class Scale {
  readonly #from: number;
  readonly #totalMs: number;

  constructor({ from, to, totalMs, services }: Explanation) {
    this.#from = from;
    // What is not on the chain may end later than the run.
    const last = Math.max(to, ...services.flatMap(({ phases }) => phases.map((phase) => phase.to)));
    this.#totalMs = Math.max(1, totalMs, last - from);
  }

  x(at: number): number {
    const share = Math.min(1, Math.max(0, (at - this.#from) / this.#totalMs));
    return Math.round((left + share * (right - left)) * 10) / 10;
  }

  /** Five to eleven marks at round times. */
  ticks(): { x: number; text: string }[] {
    const power = 10 ** Math.floor(Math.log10(this.#totalMs / 5));
    const step = Math.max(
      1,
      [1, 2, 5].map((each) => each * power).findLast((each) => this.#totalMs / each >= 5) ?? power,
    );
    const count = Math.floor(this.#totalMs / step);
    return Array.from({ length: count + 1 }, (_, index) => ({
      x: this.x(this.#from + index * step),
      text: index === 0 ? '0' : durationText(index * step),
    }));
  }
}

function row(service: ExplainedService, y: number, scale: Scale): string[] {
  const { name, onChain, phases, outcome, attempts } = service;
  const middle = y + rowHeight / 2 + 4;
  const failed = outcome === 'failed' ? ' failed' : '';
  return [
    `<text class="${onChain ? 'name' : 'soft'}${failed}" x="${pad}" y="${middle}">${fitSvgText(name, nameColumn - 12, { size: 12, bold: onChain })}</text>`,
    ...phases.map((phase) => bar(phase, y, scale)),
    ...attempts
      .filter((each) => each.outcome === 'failed' || each.outcome === 'abandoned')
      .map((each) => `<text class="failed name middle" x="${scale.x(each.to)}" y="${middle}">✕</text>`),
    `<text class="small ${onChain ? '' : 'soft'}" x="${right + 14}" y="${middle}">${svgText(factsOf(service))}</text>`,
  ];
}

function bar(phase: Phase, y: number, scale: Scale): string {
  const from = scale.x(phase.from);
  const to = Math.max(scale.x(phase.to), from + leastBar);
  const inside = svgKinds.find(({ kind }) => kind === phase.kind)?.inside ?? 'in dark';
  const thin = phase.kind === 'waiting';
  const height = thin ? 4 : barHeight;
  const at = y + (rowHeight - height) / 2;
  const words = phase.kind === 'reported' ? (phase.detail ?? phase.label.replaceAll('_', ' ')) : doing(phase);
  const text = thin ? '' : fitSvgText(words, to - from - 10, { size: 11 });
  const title = `${doing(phase)}: ${durationText(phase.to - phase.from)}`;
  return [
    `<g><title>${svgText(title)}</title>`,
    `<rect x="${from}" y="${at}" width="${(to - from).toFixed(1)}" height="${height}" rx="2" fill="var(--${phase.kind})"/>`,
    text === '' ? '' : `<text class="${inside}" x="${from + 5}" y="${at + 12}">${text}</text>`,
    '</g>',
  ].join('');
}

function factsOf({ outcome, phases, slackMs, onChain }: ExplainedService): string {
  if (outcome === 'warm') return 'was ready before';
  if (outcome === 'unknown') return 'nothing is kept';
  const own = phases.filter(({ kind }) => kind !== 'waiting').reduce((ms, { from, to }) => ms + to - from, 0);
  const rest = onChain
    ? 'on the chain'
    : slackMs === undefined
      ? outcome.replace('_', ' ')
      : `${durationText(slackMs)} slack`;
  return `${durationText(own)} · ${rest}`;
}

/** The way of the user to the target stands in its row. */
function connecting({ chain, services }: Explanation, top: number, scale: Scale): string[] {
  return chain
    .filter(({ kind }) => kind === 'connecting')
    .map((segment) =>
      bar(segment, top + services.findIndex(({ instance }) => instance === segment.instance) * rowHeight, scale),
    );
}

/** Along the foot of the bars of the chain, and down or up to the next service. */
function chainPath({ chain, services }: Explanation, top: number, scale: Scale): string {
  const foot = (instance: string): number =>
    top + services.findIndex((one) => one.instance === instance) * rowHeight + rowHeight / 2 + barHeight / 2 + 2.5;
  const steps = chain.map((segment, index) => {
    const y = foot(segment.instance);
    const from = scale.x(segment.from);
    const start = index === 0 ? `M${from} ${y}` : `L${from} ${y}`;
    return `${start} L${scale.x(segment.to)} ${y}`;
  });
  return `<path class="chain" d="${steps.join(' ')}"/>`;
}

function legend(y: number): string[] {
  const room = (width - 2 * pad) / svgKinds.length;
  return svgKinds.map(({ kind, words }, index) => {
    const x = pad + index * room;
    return `<rect x="${x}" y="${y - 9}" width="10" height="10" rx="2" fill="var(--${kind})"/><text class="soft small" x="${x + 15}" y="${y}">${words}</text>`;
  });
}
