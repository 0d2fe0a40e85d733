import type { Sample } from './sample.ts';

/** A metric of ours that an expression names, with what it asks of the labels and what it groups by. */
export type Selector = { text: string; name: string; asks: Ask[]; groupedBy: string[] };
type Ask = { label: string; relation: string; value: string };

/** Those of a PromQL expression. What a rule has recorded counts by the metrics that it was recorded of. */
export function selectorsOf(expression: string): Selector[] {
  return [...expression.matchAll(/(?<![\w:])(reveille_\w+)(?:\{([^}]*)\})?/g)].map((found) => {
    const [text, name = '', braces = ''] = found;
    const asks = [...braces.matchAll(/(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"/g)];
    return {
      ...{ text, name, groupedBy: groupsAround(expression, found.index) },
      asks: asks.map(([, label = '', relation = '', value = '']) => ({ label, relation, value })),
    };
  });
}

/** Whether the sample has every label that is named, and is one of those that are asked for. */
export function takes({ name, asks, groupedBy }: Selector, sample: Sample): boolean {
  if (sample.name !== name || groupedBy.some((label) => sample.labels[label] === undefined)) return false;
  return asks.every(({ label, relation, value }) => {
    const has = sample.labels[label];
    if (has === undefined) return false;
    const fits = relation.endsWith('~') ? new RegExp(`^(?:${value})$`).test(has) : has === value;
    return fits !== relation.startsWith('!');
  });
}

/** Labels of every `by (…) ( )` that is open at a place of the expression. */
function groupsAround(expression: string, at: number): string[] {
  return [...expression.matchAll(/\bby \(([\w, ]*)\) \(/g)].flatMap(({ 0: opening, 1: labels = '', index }) => {
    const inner = expression.slice(index + opening.length, at);
    const isOpen = index < at && depths(inner).every((depth) => depth >= 0);
    return isOpen ? labels.split(', ').filter((label) => label !== '') : [];
  });
}

function depths(text: string): number[] {
  let depth = 0;
  return [...text].map((sign) => (depth += sign === '(' ? 1 : sign === ')' ? -1 : 0));
}
