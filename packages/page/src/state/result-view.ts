import type { Json } from '@reveille/client';
import { isFields, textOf } from './run-view.ts';

/** A statement of an assistant with what it stands on. */
export interface Finding {
  readonly title: string;
  readonly text?: string;
  readonly numbers: readonly (readonly [name: string, value: number])[];
  /** A sample of the rows of the table, and how many there are. */
  readonly rows: readonly number[];
  readonly rowsTotal: number;
  readonly certainty?: string;
  readonly method?: string;
  /** The tool call that it comes from. */
  readonly source?: string;
}

/** Findings in a list that a service sent; a plain text is one without more. */
export function findingsOf(value: Json | undefined): Finding[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((one): Finding[] => {
    if (typeof one === 'string') return [{ title: one, numbers: [], rows: [], rowsTotal: 0 }];
    return isFields(one) ? [findingOf(one)] : [];
  });
}

function findingOf(fields: { readonly [key: string]: Json }): Finding {
  const [title, text, certainty, method] = ['title', 'text', 'certainty', 'method'].map((key) => textOf(fields[key]));
  const { numbers, rows, rowsTotal, source } = fields;
  const sampled = Array.isArray(rows) ? rows.filter((row) => typeof row === 'number') : [];
  const from = sourceOf(source);
  return {
    title: title ?? text ?? JSON.stringify(fields),
    ...(title === undefined || text === undefined ? {} : { text }),
    numbers: isFields(numbers)
      ? Object.entries(numbers).flatMap(([key, one]) => (typeof one === 'number' ? [[key, one] as const] : []))
      : [],
    rows: sampled,
    rowsTotal: typeof rowsTotal === 'number' ? rowsTotal : sampled.length,
    ...(certainty === undefined ? {} : { certainty }),
    ...(method === undefined ? {} : { method }),
    ...(from === undefined ? {} : { source: from }),
  };
}

function sourceOf(source: Json | undefined): string | undefined {
  const [tool, call] = isFields(source) ? [textOf(source['tool']), textOf(source['call'])] : [];
  return tool === undefined || call === undefined ? tool : `${tool} (${call})`;
}

export interface Missing {
  readonly what: string;
  readonly why: string;
}

export function missingOf(value: Json | undefined): Missing[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((one) => {
    if (typeof one === 'string') return [{ what: one, why: '' }];
    const what = isFields(one) ? textOf(one['what']) : undefined;
    return what === undefined || !isFields(one) ? [] : [{ what, why: textOf(one['why']) ?? '' }];
  });
}

export interface Chart {
  readonly title?: string;
  /** What it shows, for those who do not see it. */
  readonly description?: string;
  readonly svg: string;
  /** It has colours for a dark page too; any other is shown on a light ground. */
  readonly adaptive: boolean;
  /** The tool call that it comes from. */
  readonly source?: string;
}

/** Charts that are shown of one answer, and how deep they may lie in it. */
const mostCharts = 12;
const mostCharacters = 500_000;
const deepest = 6;

/** Every SVG in a result: a text that is one, beside the `title`, `description` and `source` of the object that holds it. */
export function chartsOf(value: Json, depth = 0): Chart[] {
  if (depth > deepest || typeof value !== 'object' || value === null) return [];
  const [title, description] = isFields(value) ? ['title', 'description'].map((key) => textOf(value[key])) : [];
  const source = isFields(value) ? sourceOf(value['source']) : undefined;
  const found = Object.values(value).flatMap((inner): Chart[] => {
    if (typeof inner !== 'string') return chartsOf(inner, depth + 1);
    if (inner.length > mostCharacters || !/^\s*(<\?xml[^>]*>\s*)?<svg[\s>]/.test(inner)) return [];
    return [
      {
        // Half a character cannot stand in a URL.
        svg: inner.toWellFormed(),
        adaptive: inner.includes('prefers-color-scheme'),
        ...(title === undefined ? {} : { title }),
        ...(description === undefined ? {} : { description }),
        ...(source === undefined ? {} : { source }),
      },
    ];
  });
  return found.slice(0, mostCharts);
}
