import { z } from 'zod';
import type { AnyToolName, ToolName } from './tool-names.ts';

/** The part of each tool's result that the agents read; the rest passes to the user as it came. */
const totals = z.object({
  requests: z.number(),
  inputTokens: z.number(),
  outputTokens: z.number(),
  cost: z.number().optional(),
});
const money = z.object({ source: z.enum(['cost column', 'prices given']), currency: z.string().optional() }).optional();
const missing = z.array(z.object({ what: z.string(), why: z.string() }));
const rows = z.array(z.number());
const quantiles = z.object({ p50: z.number(), p90: z.number(), p99: z.number(), max: z.number(), mean: z.number() });
const group = totals.extend({ key: z.string(), shareOfRequests: z.number(), shareOfTokens: z.number() });
const opportunities = z.object({
  opportunities: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      numbers: z.record(z.string(), z.number()),
      rows,
      rowsTotal: z.number(),
      method: z.string(),
      because: z.string(),
      certainty: z.enum(['measured', 'estimate', 'upper bound']),
    }),
  ),
  notKnowable: z.array(z.string()),
  money,
  missing,
});

export const toolResults = {
  describe_data: z.object({
    table: z.object({ ref: z.string(), bytes: z.number(), format: z.string() }),
    columns: z.array(z.object({ name: z.string(), role: z.string().optional() })),
    rows: z.object({
      read: z.number(),
      used: z.number(),
      rejected: z.number(),
      incompleteCells: z.number(),
      summedBy: z.string().optional(),
    }),
    rejectedRows: z.array(z.object({ row: z.number(), reason: z.string() })),
    timeSpan: z
      .object({ from: z.string(), to: z.string(), durationMs: z.number(), assumedUtc: z.boolean() })
      .optional(),
    totals,
    money,
    inputTokens: quantiles,
    outputTokens: quantiles,
    missing,
  }),
  cost_breakdown: z.object({
    totals,
    money,
    mix: z.object({
      inputShareOfTokens: z.number(),
      outputShareOfTokens: z.number(),
      inputPerOutputToken: z.number().optional(),
      inputShareOfCost: z.number().optional(),
    }),
    byModel: z.array(group).optional(),
    byTag: z.array(z.object({ column: z.string(), groups: z.array(group) })),
    bySize: z.array(group),
    largestRows: z
      .object({
        by: z.enum(['cost', 'tokens']),
        rows: z.array(
          z.object({
            row: z.number(),
            at: z.string().optional(),
            model: z.string().optional(),
            inputTokens: z.number(),
            outputTokens: z.number(),
            cost: z.number().optional(),
          }),
        ),
      })
      .optional(),
    topRequests: z.array(
      z.object({
        share: z.number(),
        by: z.enum(['cost', 'tokens']),
        requests: z.number(),
        shareOfTokens: z.number(),
        shareOfCost: z.number().optional(),
        rows,
      }),
    ),
    missing,
  }),
  trend_and_peaks: z.object({
    bucketMs: z.number(),
    buckets: z.array(
      z.object({ from: z.string(), requests: z.number(), inputTokens: z.number(), outputTokens: z.number() }),
    ),
    perMinute: z.object({ requests: z.number(), inputTokens: z.number(), outputTokens: z.number() }).optional(),
    peaks: z.array(
      z.object({
        of: z.enum(['requests', 'tokens']),
        from: z.string(),
        value: z.number(),
        timesMean: z.number(),
        rows,
      }),
    ),
    peakToMean: z.object({ requests: z.number(), tokens: z.number() }),
    emptyBuckets: z.number(),
    slope: z.object({ tokensPerBucketPerHour: z.number().optional(), buckets: z.number() }).optional(),
    missing,
  }),
  anomalies: z.object({
    threshold: z.number(),
    measures: z.array(z.object({ measure: z.string(), found: z.number() })),
    requests: z.array(
      z.object({
        measure: z.string(),
        row: z.number(),
        value: z.number(),
        score: z.number(),
        at: z.string().optional(),
      }),
    ),
    periods: z.array(
      z.object({
        measure: z.string(),
        from: z.string(),
        bucketMs: z.number(),
        value: z.number(),
        expected: z.number(),
        score: z.number(),
        rows,
        rowsTotal: z.number(),
      }),
    ),
    season: z.object({ name: z.string() }).optional(),
    method: z.string(),
    because: z.string(),
    missing,
  }),
  caching_opportunities: opportunities,
  batching_opportunities: opportunities,
  right_sizing_opportunities: opportunities.extend({
    contextSizes: z.array(
      z.object({ contextTokens: z.number(), requestsThatFit: z.number(), shareOfRequests: z.number() }),
    ),
  }),
  compare_tables: z.object({
    before: z.object({ name: z.string().optional(), totals }),
    now: z.object({ name: z.string().optional(), totals }),
    changes: z.array(
      z.object({
        what: z.string(),
        before: z.number(),
        now: z.number(),
        difference: z.number(),
        ratio: z.number().optional(),
      }),
    ),
    largerNow: z.object({ inputTokens: z.number(), outputTokens: z.number() }).optional(),
    missing,
  }),
} as const satisfies Record<AnyToolName, z.ZodType>;

export type ToolResult<N extends AnyToolName> = z.infer<(typeof toolResults)[N]>;
export type JsonObject = Record<string, unknown>;

/** What a tool said: read by us, and whole. */
export interface ToolAnswer<N extends AnyToolName = ToolName> {
  tool: N;
  call: string;
  value: ToolResult<N>;
  whole: JsonObject;
}

/** Answers of a run by the name of the tool; a tool that was not asked is absent. */
export type ToolAnswers = { [N in AnyToolName]?: ToolAnswer<N> };

/** What a tool says when it cannot do what it was asked. */
export const toolRefusal = z.object({
  code: z.string(),
  message: z.string(),
  expected: z.string().optional(),
  found: z.string().optional(),
});
