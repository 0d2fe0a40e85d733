import type { Prices } from '../../runs/run-request.ts';
import type { JsonObject } from '../../tools/tool-results.ts';

/** What a text may state because a tool gave it. */
export interface GivenFigures {
  /** Without their signs: a fall of 3 and a change of -3 are the same figure. */
  numbers: number[];
  /** Numbers of rows: they prove what is said of a row. Those of many digits count as numbers as well. */
  rows: Set<number>;
  /** Those that may be written as per cent: shares between 0 and 1. */
  shares: number[];
  /** Whole per cents that a key names: `p99` speaks of 99 %. */
  percentiles: number[];
  /** Spans of time in milliseconds, of keys that end in `Ms`. */
  durationsMs: number[];
  /** UTC times as `2024-05-01 13:45:00.000`. */
  times: string[];
  /** Strings and keys of the results, and names of this run: they may be quoted whole. */
  names: Set<string>;
}

const ISO_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z$/;
/** Members whose words are the tool's own: numbers in them are given like others. */
const OWN_WORDS = new Set(['method', 'because', 'title']);
/** Names of columns and models within such words. From the first mark to the last, since a name may have marks in it. */
const QUOTED = /".*"/gs;
/** Groups whose keys are ranges that the tool made. */
const OWN_GROUPS = 'bySize';
/** Members that number rows. */
const ROWS = new Set(['row', 'rows']);
/** Lists of so many entries that nearly every short number is somewhere in them: found there, one would prove nothing. */
const SERIES = new Set(['buckets', 'byTime']);
const SHORT = 1000;

/** Collects what the results of the tools give. Prices are the user's and go into every amount of money, so they count as given. */
export function givenFigures(of: {
  results: readonly JsonObject[];
  names: readonly string[];
  prices: Prices | undefined;
}): GivenFigures {
  const given: GivenFigures = {
    numbers: [],
    rows: new Set(),
    shares: [],
    percentiles: [],
    durationsMs: [],
    times: [],
    names: new Set(of.names),
  };
  for (const result of of.results) collect(result, '', false, given);
  for (const { inputPerMillion, outputPerMillion } of pricesIn(of.prices)) {
    given.numbers.push(inputPerMillion, outputPerMillion);
  }
  for (const { model } of of.prices?.models ?? []) given.names.add(model);
  return given;
}

function pricesIn(prices: Prices | undefined): Pick<Prices, 'inputPerMillion' | 'outputPerMillion'>[] {
  return prices === undefined ? [] : [prices, ...(prices.models ?? [])];
}

function collect(value: unknown, key: string, isOwn: boolean, into: GivenFigures, inSeries = false): void {
  switch (typeof value) {
    case 'number':
      if (ROWS.has(key)) into.rows.add(value);
      if (Math.abs(value) >= SHORT || !(ROWS.has(key) || inSeries)) collectNumber(Math.abs(value), key, into);
      return;
    case 'string':
      into.names.add(value);
      if (ISO_TIME.test(value)) into.times.push(value.replace('T', ' ').replace('Z', ''));
      else if (isOwn || OWN_WORDS.has(key)) collectWords(value.replace(QUOTED, ' '), into);
      return;
    case 'object':
      if (Array.isArray(value)) for (const element of value) collect(element, key, isOwn, into, inSeries);
      else
        for (const [name, inner] of Object.entries(value ?? {}))
          collectMember(name, inner, key === OWN_GROUPS, into, inSeries);
  }
}

function collectMember(name: string, value: unknown, inOwnGroup: boolean, into: GivenFigures, inSeries: boolean): void {
  // The digits of a handle are no figures.
  if (name === 'ref') return;
  into.names.add(name);
  const percentile = /^p(\d{1,2})(?:\D|$)/.exec(name)?.[1];
  if (percentile !== undefined) into.percentiles.push(Number(percentile));
  collect(value, name, inOwnGroup && name === 'key', into, inSeries || (SERIES.has(name) && typeof value === 'object'));
}

function collectWords(words: string, into: GivenFigures): void {
  for (const [, digits, percent] of words.matchAll(/(\d+(?:\.\d+)?)( ?%)?/g)) {
    collectNumber(Number(digits), '', into);
    if (percent !== undefined) into.shares.push(Number(digits) / 100);
  }
}

function collectNumber(size: number, key: string, into: GivenFigures): void {
  into.numbers.push(size);
  if (size <= 1) into.shares.push(size);
  if (key.endsWith('Ms')) into.durationsMs.push(size);
}
