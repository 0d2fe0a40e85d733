import { z } from 'zod';
import { findBatching } from '../analysis/batching.ts';
import { opportunities } from '../results/opportunities.ts';
import { defineTool } from './tool.ts';

export const batchingTool = defineTool({
  name: 'batching_opportunities',
  title: 'What batching could save',
  description:
    'How many requests, all or only small ones, arrive within a window and could be sent as one call, what they would wait for it, ' +
    'how a queue would flatten the peaks, and, where the file has durations, how many run at once.',
  options: {
    windowMs: z.int().min(1).default(1000).describe('How long a batch is kept open'),
    smallTokens: z
      .int()
      .min(1)
      .default(512)
      .describe('Input and output tokens together, up to which a request is small'),
  },
  output: opportunities,
  compute: (table, options, tell) => findBatching(table, options, tell),
});
