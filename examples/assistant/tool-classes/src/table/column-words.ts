/**
 * What a column can mean. `clock` is the time of day beside a column of dates; `cachedInput` the part of the input that the provider served
 * from its cache; `currency` that of the cost beside it; `promptHash` and `prefixHash` name the whole prompt or its beginning; `requests` says how many requests a row sums up.
 */
export type Role =
  | 'time'
  | 'clock'
  | 'input'
  | 'output'
  | 'cachedInput'
  | 'cost'
  | 'currency'
  | 'duration'
  | 'model'
  | 'promptHash'
  | 'prefixHash'
  | 'requests'
  | 'tag';

const TOKEN = ['token', 'tokens', 'tok', 'toks'];
const INPUT = ['input', 'context', 'prompt', 'in', 'prefill', 'request', 'sent'];
const OUTPUT = [
  'output',
  'generated',
  'generation',
  'completion',
  'completions',
  'response',
  'out',
  'decode',
  'received',
];
const CACHED = ['cached', 'cache'];
const COST = ['cost', 'costs', 'price', 'amount', 'spend', 'charge', 'charged', 'billed', 'usd', 'eur', 'gbp', 'cents'];
/** Words that make a token column a part, a sum or a rate of something, not the input or output itself. */
const NOT_WHOLE = [
  'total',
  'reasoning',
  'audio',
  'image',
  'per',
  'limit',
  'max',
  'average',
  'avg',
  'mean',
  'rate',
  'ratio',
];
const TIME = ['timestamp', 'time', 'date', 'datetime', 'ts', 'when', 'created', 'started', 'start', 'arrival', 'at'];
const NOT_TIME = [
  'duration',
  'latency',
  'elapsed',
  'ms',
  'seconds',
  'end',
  'ended',
  'finished',
  'zone',
  'timezone',
  'first',
  'to',
];
/** Words of a part of the input or output that is listed beside the whole. */
const PART = ['details', 'detail', 'prediction', 'predictions'];
const HASH = ['hash', 'digest', 'fingerprint', 'checksum', 'sha256', 'md5'];
const BEGINNING = ['prefix', 'system', 'template', 'beginning'];
const WHOLE_PROMPT = ['prompt', 'request', 'input', 'content', 'message', 'messages', 'body'];
const DURATION = ['duration', 'latency', 'elapsed', 'took', 'runtime'];
const DURATION_OF = ['response', 'processing', 'generation', 'request', 'total'];
/** A duration until or for something else than the whole answer. */
const NOT_DURATION = [
  'first',
  'per',
  'ttft',
  'queue',
  'token',
  'tokens',
  'avg',
  'average',
  'mean',
  'max',
  'limit',
  'timeout',
];
const UNIT_MS: Readonly<Record<string, number>> = {
  us: 0.001,
  ms: 1,
  msec: 1,
  millis: 1,
  milliseconds: 1,
  s: 1000,
  sec: 1000,
  secs: 1000,
  seconds: 1000,
};
const MODEL = ['model', 'deployment', 'engine'];
const TAG = [
  'tag',
  'tags',
  'user',
  'feature',
  'team',
  'project',
  'application',
  'app',
  'customer',
  'tenant',
  'endpoint',
  'operation',
  'environment',
  'env',
  'service',
  'department',
  'region',
  'label',
];

/** "ContextTokens", "context_tokens", "usage.prompt_tokens" and "Context tokens" are the same words. */
export function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}

/** How well a name fits each role: 3 says it outright, 2 says it in one word, 1 is a hint. Roles that do not fit are absent. */
export function rolesOfName(name: string): Map<Role, number> {
  const words = wordsOf(name);
  const has = (list: readonly string[]): boolean => words.some((word) => list.includes(word));
  const scores = new Map<Role, number>();
  const isTokens = has(TOKEN);
  const isCost = has(COST);
  const isCached = has(CACHED) && !isUncached(words);
  if (!isCost && !has(NOT_WHOLE)) {
    // A cache *write* is billed differently and is no saving; only reads count as cached input.
    if (isCached && isTokens && !has(['write', 'creation', 'output'])) scores.set('cachedInput', 3);
    if (!isCached && !has(PART) && has(INPUT))
      score(
        scores,
        'input',
        isTokens ? (isUncached(words) ? 2 : 3) : singleWord(words, INPUT, ['in', 'sent', 'request']),
      );
    if (!isCached && !has(PART) && has(OUTPUT))
      score(scores, 'output', isTokens ? 3 : singleWord(words, OUTPUT, ['out', 'received', 'response']));
  }
  if (isCost && !has(['per', 'unit', 'rate', 'input', 'output', 'prompt', 'completion', 'currency'])) {
    scores.set('cost', words.length === 1 || has(['total', 'cost', 'costs']) ? 3 : 2);
  }
  if (words.includes('currency')) scores.set('currency', 3);
  if (has(TIME) && !has(NOT_TIME) && !isTokens) scores.set('time', has(['timestamp', 'datetime', 'time']) ? 3 : 2);
  if (isDuration(words) && unitMsOf(name) !== undefined) scores.set('duration', has(DURATION) ? 3 : 2);
  if (has(HASH)) {
    if (has(BEGINNING)) scores.set('prefixHash', 3);
    else if (has(WHOLE_PROMPT)) scores.set('promptHash', 3);
  }
  if (
    !isTokens &&
    !isCost &&
    (has(['requests', 'calls']) || (has(['request', 'call']) && has(['count']))) &&
    (words.length === 1 || has(['num', 'n', 'count', 'number', 'total']))
  ) {
    scores.set('requests', 3);
  }
  if (has(MODEL) && !has(['version', 'provider', 'requests', 'calls']) && !isTokens && !isCost)
    scores.set('model', words[0] === 'model' ? 3 : 2);
  if (has(TAG) && !isTokens && !isCost && !has(['agent', ...HASH])) scores.set('tag', words.length === 1 ? 3 : 2);
  if (words.join(' ') === 'api key' || words.join(' ') === 'key name') scores.set('tag', 2);
  return scores;
}

/** Input that did not come from a cache, as some exports list it beside that which did. */
export function isUncached(words: readonly string[]): boolean {
  return /\b(?:(?:no|non|not|un) ?cached?)\b/.test(words.join(' '));
}

/** Milliseconds in the unit that a name states; undefined when it states none: nothing is assumed. */
export function unitMsOf(name: string): number | undefined {
  return wordsOf(name)
    .map((word) => (Object.hasOwn(UNIT_MS, word) ? UNIT_MS[word] : undefined))
    .find((ms) => ms !== undefined);
}

/** What one of an amount is worth by the name of its column: cents are hundredths. */
export function moneyUnitOf(name: string): number {
  return wordsOf(name).some((word) => word === 'cent' || word === 'cents') ? 0.01 : 1;
}

function isDuration(words: readonly string[]): boolean {
  const has = (list: readonly string[]): boolean => words.some((word) => list.includes(word));
  return !has(NOT_DURATION) && (has(DURATION) || (words.includes('time') && has(DURATION_OF)));
}

function score(scores: Map<Role, number>, role: Role, value: number | undefined): void {
  if (value !== undefined) scores.set(role, value);
}

/** A lone "prompt" or "completion" is a good name for a count; a lone "in" or "request" says too little. */
function singleWord(words: string[], list: readonly string[], tooVague: readonly string[]): number | undefined {
  return words.length === 1 && list.includes(words[0] ?? '') && !tooVague.includes(words[0] ?? '') ? 2 : undefined;
}
