import { amount, count, counted, decimal, duration, figure, percent, type MoneySource } from '../../wording/figures.ts';

type Numbers = Readonly<Record<string, number>>;

interface OpportunityWords {
  /** What was found. */
  found(numbers: Numbers, money: MoneySource | undefined): string;
  /** Whether the figures speak for doing something about it. */
  worthwhile(numbers: Numbers): boolean;
  advice(numbers: Numbers): string;
  /** The first step. */
  step(numbers: Numbers): string;
}

/** A share below this is not worth anybody's work. */
const WORTHWHILE_SHARE = 0.05;
/** Repeats must exceed what chance gives by this factor before they hint at anything real. */
const ABOVE_CHANCE = 1.25;

/** Words for each opportunity that the tools know, by its id. */
const WORDS: Readonly<Record<string, OpportunityWords>> = {
  'exact-repeats': {
    found: (n, money) =>
      `At most ${counted(at(n, 'requestsAtMost'), 'request')} can repeat one of the ${duration(at(n, 'windowMs'))} before ` +
      `(${counted(at(n, 'inputTokensAtMost'), 'input token')}, ${percent(at(n, 'shareOfInputTokensAtMost'))} of all` +
      `${costWords(n, 'inputCostAtMost', money)}); chance alone would give ${count(at(n, 'requestsExpectedByChance'))}.`,
    worthwhile: (n) => at(n, 'requestsAtMost') > ABOVE_CHANCE * at(n, 'requestsExpectedByChance'),
    advice: () =>
      'More sizes come again than chance explains, so look for requests that are really the same and answer them from a cache.',
    step: () => 'Log a hash of each prompt for a day, and count how often one comes again.',
  },
  'known-repeats': {
    found: (n, money) =>
      `${requests(n)} (${percent(at(n, 'shareOfRequests'))}) ${verb(n, 'repeat')} ${earlier(n)}, with ` +
      `${count(at(n, 'inputTokens'))} input and ${counted(at(n, 'outputTokens'), 'output token')}${costWords(n, 'cost', money)}.`,
    worthwhile: (n) => at(n, 'shareOfInputTokens') >= WORTHWHILE_SHARE,
    advice: () => 'Answer repeated requests from a cache of your own.',
    step: () => 'Look at the repeats named here: may an answer be given twice?',
  },
  'known-prefixes': {
    found: (n, money) =>
      `${requests(n)} (${percent(at(n, 'shareOfRequests'))}) ${verb(n, 'begin')} as ${earlier(n)} ` +
      `(${counted(at(n, 'prefixes'), 'beginning')}), which saves at most ${counted(at(n, 'inputTokensAtMost'), 'input token')} ` +
      `(${percent(at(n, 'shareOfInputTokensAtMost'))} of all${costWords(n, 'inputCostAtMost', money)}).`,
    worthwhile: (n) => at(n, 'shareOfInputTokensAtMost') >= WORTHWHILE_SHARE,
    advice: () => 'Let the provider cache the beginnings that requests share.',
    step: () =>
      'Check that the provider is told to cache these beginnings, and compare with the cached tokens that it reports.',
  },
  'shared-prefix': {
    found: (n, money) =>
      `A beginning of ${counted(at(n, 'prefixTokens'), 'token')} that ${counted(at(n, 'requestsLongEnough'), 'request')} had in common would ` +
      `save at most ${counted(at(n, 'inputTokensAtMost'), 'input token')} (${percent(at(n, 'shareOfInputTokensAtMost'))} of all` +
      `${costWords(n, 'inputCostAtMost', money)}).`,
    worthwhile: (n) => at(n, 'shareOfInputTokensAtMost') >= WORTHWHILE_SHARE,
    advice: () =>
      'Put what prompts have in common (instructions, tools, documents) first and in the same order, so that the provider can cache it.',
    step: (n) =>
      `Compare the beginnings of prompts with at least ${count(at(n, 'prefixTokens'))} tokens, and measure how much is the same.`,
  },
  'cache-hits': {
    found: (n) =>
      `${counted(at(n, 'cachedInputTokens'), 'input token')} came from the cache; ${counted(at(n, 'requestsWithoutCache'), 'request')} ` +
      `with ${counted(at(n, 'inputTokensWithoutCache'), 'input token')} had no help from it.`,
    worthwhile: (n) => at(n, 'requestsWithoutCache') > 0,
    advice: () => 'Find out why the largest requests without cached input miss the cache.',
    step: () => 'Compare the prompts of the rows named here with those of requests that hit the cache.',
  },
  'group-small-requests': {
    found: (n) =>
      `Small requests (up to ${count(at(n, 'smallTokens'))} tokens) that arrive within ${duration(at(n, 'windowMs'))} could go out as ` +
      `${counted(at(n, 'calls'), 'call')} instead of ${count(at(n, 'requests'))}; each would wait ${duration(at(n, 'meanAddedWaitMs'))} on average.`,
    worthwhile: (n) => at(n, 'shareOfCallsSaved') >= WORTHWHILE_SHARE,
    advice: () => 'Send small requests that nobody waits for together.',
    step: () => 'Mark which small requests come from jobs and which from people; only the first may wait.',
  },
  'group-all-requests': {
    found: (n) =>
      `All requests that arrive within ${duration(at(n, 'windowMs'))} could go out as ${counted(at(n, 'calls'), 'call')} instead of ` +
      `${count(at(n, 'requests'))}; the largest group has ${count(at(n, 'largestGroup'))}.`,
    // The same step as for small requests, with more at stake for those who wait.
    worthwhile: () => false,
    advice: () => 'Group requests only where nobody waits for the answer.',
    step: () => 'Begin with the small requests.',
  },
  'queue-peaks': {
    found: (n) =>
      `With a capacity of ${rate(n, 'capacity')} (the mean is ${rate(n, 'mean')}) requests ` +
      `would wait ${duration(at(n, 'meanWaitMs'))} on average and at most ${duration(at(n, 'maxWaitMs'))}; gaps vary ` +
      `${decimal(at(n, 'gapVariation'))} times their mean.`,
    worthwhile: (n) => at(n, 'gapVariation') > 1.5,
    advice: () =>
      'Requests come in bursts: let those that may wait queue, instead of paying for capacity that only the peaks need.',
    step: () => 'Decide how long each kind of request may wait, and compare with the waiting times computed here.',
  },
  concurrency: {
    found: (n) =>
      `${decimal(at(n, 'meanConcurrent'))} requests run at once on average and ${count(at(n, 'peakConcurrent'))} at most; with ` +
      `${count(at(n, 'slots'))} at a time they would wait ${duration(at(n, 'meanWaitMs'))} on average (${percent(at(n, 'utilisation'))} utilisation).`,
    worthwhile: (n) => at(n, 'peakConcurrent') > at(n, 'slots'),
    advice: (n) =>
      `A limit of ${count(at(n, 'slots'))} requests at a time keeps waits short on average; the peak goes beyond it.`,
    step: () => 'Decide whether the requests of the peak may wait; then set the limit.',
  },
  'cheapest-model': {
    found: (n, money) =>
      `The ${requests(n)} with at most ${count(at(n, 'smallTokens'))} tokens cost ${amountOf(n, 'cost', money)}; with the ` +
      `cheapest model of your prices the same tokens would cost ${amountOf(n, 'costAtCheapest', money)}: at most ` +
      `${amountOf(n, 'savedAtMost', money)} less (${percent(at(n, 'shareOfCostSavedAtMost'))} of all cost).`,
    worthwhile: (n) => at(n, 'shareOfCostSavedAtMost') >= WORTHWHILE_SHARE,
    advice: () => 'Try the cheapest model of your prices for small requests.',
    step: () => 'Answer a sample of the rows named here with it, and compare the answers and their tokens.',
  },
  'small-requests': {
    found: (n, money) =>
      `${requests(n)} (${percent(at(n, 'shareOfRequests'))}) ${verb(n, 'have')} at most ${count(at(n, 'smallTokens'))} tokens, ` +
      `together ${percent(at(n, 'shareOfTokens'))} of all tokens${costWords(n, 'cost', money)}.`,
    worthwhile: (n) => at(n, 'shareOfTokens') >= WORTHWHILE_SHARE,
    advice: () => 'Try a smaller model for small requests.',
    step: () => 'Answer a sample of the rows named here with a smaller model, and compare the answers.',
  },
  'long-input-short-output': {
    found: (n, money) =>
      `${requests(n)} (${percent(at(n, 'shareOfRequests'))}) ${verb(n, 'send')} at least ${count(at(n, 'inputPerOutputToken'))} ` +
      `tokens for each one that comes back, together ${percent(at(n, 'shareOfTokens'))} of all tokens${costWords(n, 'cost', money)}.`,
    worthwhile: (n) => at(n, 'shareOfTokens') >= WORTHWHILE_SHARE,
    advice: () => 'Send less context where the answer is short: retrieve what is needed, leave out the rest.',
    step: () => 'Look at the prompts of the rows named here: which parts did the answer need?',
  },
  'context-size': {
    found: (n) =>
      `The largest request has ${count(at(n, 'largestRequestTokens'))} tokens, 99 % have at most ${count(at(n, 'p99RequestTokens'))}` +
      (n['contextTokensForAll'] === undefined
        ? '.'
        : `: a context of ${count(n['contextTokensForAll'])} tokens fits all of them.`),
    worthwhile: (n) => n['contextTokensForAll'] !== undefined,
    advice: (n) =>
      `Nothing here needs a context above ${count(at(n, 'contextTokensForAll'))} tokens: do not pay for a larger one.`,
    step: () => 'Compare this size with the context of the model in use.',
  },
};

/** Undefined for an opportunity of a newer tool, which is told by its title and method. */
export function wordsOf(id: string): OpportunityWords | undefined {
  return Object.hasOwn(WORDS, id) ? WORDS[id] : undefined;
}

function at(numbers: Numbers, name: string): number {
  const value = numbers[name];
  if (value === undefined) throw new Error(`the tool gave no number "${name}"`);
  return value;
}

/** The tool tells rates in the unit of time that suits them. */
function rate(numbers: Numbers, name: string): string {
  const unit = ['Minute', 'Hour', 'Day'].find((one) => numbers[`${name}Per${one}`] !== undefined) ?? 'Minute';
  return `${figure(at(numbers, `${name}Per${unit}`))} requests per ${unit.toLowerCase()}`;
}

function requests(numbers: Numbers): string {
  return counted(at(numbers, 'requests'), 'request');
}

/** The verb of a sentence about these requests. */
function verb(numbers: Numbers, plural: string): string {
  if (at(numbers, 'requests') !== 1) return plural;
  return plural === 'have' ? 'has' : `${plural}s`;
}

function earlier(numbers: Numbers): string {
  const { windowMs } = numbers;
  return windowMs === undefined
    ? 'another one of the file, whose order in time is unknown'
    : `one of the ${duration(windowMs)} before`;
}

function costWords(numbers: Numbers, name: string, money: MoneySource | undefined): string {
  const value = numbers[name];
  return value === undefined || money === undefined ? '' : `, ${amount(value, money)}`;
}

function amountOf(numbers: Numbers, name: string, money: MoneySource | undefined): string {
  const value = at(numbers, name);
  return money === undefined ? String(value) : amount(value, money);
}
