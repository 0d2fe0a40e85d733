/** What a column can mean. `cachedInput` is the part of the input that the provider served from its cache. */
export const ROLES = ['time', 'input', 'output', 'cachedInput', 'cost', 'model', 'tag'] as const;
export type Role = (typeof ROLES)[number];

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
const COST = ['cost', 'costs', 'price', 'amount', 'spend', 'charge', 'charged', 'billed', 'usd', 'eur', 'gbp'];
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
  const isCached = has(CACHED);
  if (!isCost && !has(NOT_WHOLE)) {
    // A cache *write* is billed differently and is no saving; only reads count as cached input.
    if (isCached && isTokens && !has(['write', 'creation', 'output'])) scores.set('cachedInput', 3);
    if (!isCached && has(INPUT))
      score(scores, 'input', isTokens ? 3 : singleWord(words, INPUT, ['in', 'sent', 'request']));
    if (!isCached && has(OUTPUT))
      score(scores, 'output', isTokens ? 3 : singleWord(words, OUTPUT, ['out', 'received', 'response']));
  }
  if (isCost && !has(['per', 'unit', 'rate', 'input', 'output', 'prompt', 'completion', 'currency'])) {
    scores.set('cost', words.length === 1 || has(['total', 'cost', 'costs']) ? 3 : 2);
  }
  if (has(TIME) && !has(NOT_TIME) && !isTokens) scores.set('time', has(['timestamp', 'datetime', 'time']) ? 3 : 2);
  if (has(MODEL) && !has(['version', 'provider']) && !isTokens && !isCost)
    scores.set('model', words[0] === 'model' ? 3 : 2);
  if (has(TAG) && !isTokens && !isCost && !has(['agent'])) scores.set('tag', words.length === 1 ? 3 : 2);
  if (words.join(' ') === 'api key' || words.join(' ') === 'key name') scores.set('tag', 2);
  return scores;
}

function score(scores: Map<Role, number>, role: Role, value: number | undefined): void {
  if (value !== undefined) scores.set(role, value);
}

/** A lone "prompt" or "completion" is a good name for a count; a lone "in" or "request" says too little. */
function singleWord(words: string[], list: readonly string[], tooVague: readonly string[]): number | undefined {
  return words.length === 1 && list.includes(words[0] ?? '') && !tooVague.includes(words[0] ?? '') ? 2 : undefined;
}
