import type { ToolName } from '../tools/tool-names.ts';

export interface Topic {
  id: string;
  /** As it reads in "The question is about …". */
  words: string;
  /** Words of a question that stand for it. */
  asks: RegExp;
  data: readonly ToolName[];
  optimization: readonly ToolName[];
}

/** What people ask about a bill. A question may be about several; what fits none is taken as a wish for the whole picture. */
export const TOPICS: readonly Topic[] = [
  {
    id: 'spending',
    words: 'where the tokens go',
    asks: /\b(where|spen[dt]\w*|costs?|costly|expens\w*|bills?|money|pric\w*|pay\w*|break ?down|shares?|most|biggest|largest|top|totals?|how many|how much|usage)\b/,
    data: ['cost_breakdown'],
    optimization: ['caching_opportunities', 'right_sizing_opportunities'],
  },
  {
    id: 'trend',
    words: 'the load over time',
    asks: /\b(trend\w*|peaks?|time|times|hours?|minutes?|days?|daily|when|load|rates?|gr[eo]w\w*|increas\w*|decreas\w*|spik\w*|busy|busiest|patterns?|traffic|throughput)\b/,
    data: ['trend_and_peaks'],
    optimization: ['batching_opportunities'],
  },
  {
    id: 'anomalies',
    words: 'what is unusual',
    asks: /\b(anomal\w*|unusual\w*|outliers?|strange\w*|odd|weird|suspicious\w*|abnormal\w*|wrong|unexpected\w*|spik\w*)\b/,
    data: ['anomalies', 'trend_and_peaks'],
    optimization: ['right_sizing_opportunities'],
  },
  {
    id: 'caching',
    words: 'caching',
    asks: /\b(cach\w*|repeat\w*|duplicat\w*|prefix\w*|reus\w*|same (prompts?|questions?|requests?))\b/,
    data: ['cost_breakdown'],
    optimization: ['caching_opportunities'],
  },
  {
    id: 'batching',
    words: 'batching and queueing',
    asks: /\b(batch\w*|group\w*|queu\w*|together|bulk|async\w*|wait\w*)\b/,
    data: ['trend_and_peaks'],
    optimization: ['batching_opportunities'],
  },
  {
    id: 'right_sizing',
    words: 'sizes of requests, contexts and models',
    asks: /\b(models?|sizes?|sizing|contexts?|small\w*|downgrad\w*|windows?|long|short\w*|prompts?)\b/,
    data: ['cost_breakdown'],
    optimization: ['right_sizing_opportunities'],
  },
  {
    id: 'saving',
    words: 'what could be saved',
    asks: /\b(sav\w*|reduc\w*|optimi[sz]\w*|cheap\w*|lower\w*|cut\w*|improv\w*|recommend\w*|opportunit\w*|efficien\w*|less|should)\b/,
    data: ['cost_breakdown'],
    optimization: ['caching_opportunities', 'batching_opportunities', 'right_sizing_opportunities'],
  },
];

/** For questions that name no topic, or all of them. */
export const WHOLE_PICTURE: Topic = {
  id: 'summary',
  words: 'the whole picture',
  asks: /\b(summar\w*|overview|report\w*|analy[sz]\w*|describ\w*|everything|all|explain\w*|insights?)\b/,
  data: ['cost_breakdown', 'trend_and_peaks', 'anomalies'],
  optimization: ['caching_opportunities', 'batching_opportunities', 'right_sizing_opportunities'],
};

/** The topics of a question, in the order of the list above. None where it names none. */
export function namedTopics(question: string): readonly Topic[] {
  const text = question.toLowerCase();
  return WHOLE_PICTURE.asks.test(text) ? [WHOLE_PICTURE] : TOPICS.filter(({ asks }) => asks.test(text));
}

/** The same, with the whole picture for a question that names none. */
export function topicsOf(question: string): readonly Topic[] {
  const named = namedTopics(question);
  return named.length > 0 ? named : [WHOLE_PICTURE];
}

const SUPERLATIVE = /\b(?:most expensive|priciest|costliest|largest|biggest|longest|heaviest|top)\b/;
const ROWS = /\b(?:rows?|requests?|calls?|lines?|prompts?)\b/;
const COUNTS = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];
/** Rows that are listed at most, and how many when the question does not say. */
const MOST_ROWS = 20;
const USUAL_ROWS = 5;

/** How many of the largest rows a question asks to see; undefined where it asks for none. */
export function rowsAskedFor(question: string): number | undefined {
  const text = question.toLowerCase();
  if (!SUPERLATIVE.test(text) || !ROWS.test(text)) return undefined;
  const digits = /\b\d{1,4}\b/.exec(text)?.[0];
  const word = COUNTS.findIndex((count) => new RegExp(`\\b${count}\\b`).test(text)) + 1;
  const asked = digits === undefined ? word || USUAL_ROWS : Number(digits);
  return Math.min(MOST_ROWS, Math.max(1, asked));
}
