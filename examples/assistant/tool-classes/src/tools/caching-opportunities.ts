import { z } from 'zod';
import { findCaching } from '../analysis/caching.ts';
import { prices } from '../results/figures.ts';
import { opportunities } from '../results/opportunities.ts';
import { accept } from '../table/refusal.ts';
import { defineTool } from './tool.ts';

export const cachingTool = defineTool({
  name: 'caching_opportunities',
  title: 'What caching could save',
  description:
    'Repeated requests and shared prompt prefixes: counted where the file has hashes of prompts or of their beginnings, else upper bounds from ' +
    'token counts and times with the number that chance alone would give; and present cache hits where the file has them. Says what counts cannot tell.',
  options: {
    windowMs: z.int().min(1).default(300_000).describe('How long a cached entry lives'),
    minPrefixTokens: z.int().min(1).default(1024).describe('Shortest prefix that the provider caches'),
    prices: prices.optional(),
  },
  output: opportunities,
  compute: (table, options, tell) => accept(findCaching(table, options, options.prices, tell)),
});
