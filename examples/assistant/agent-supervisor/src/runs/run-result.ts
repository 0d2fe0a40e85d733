import type { JsonObject } from '../tools/tool-results.ts';
import type { AnyToolName } from '../tools/tool-names.ts';

export interface Totals {
  requests: number;
  inputTokens: number;
  outputTokens: number;
  /** Only with a cost column or prices given by the user. */
  cost?: number | undefined;
}

/** What would be needed to say more. */
export interface Missing {
  what: string;
  why: string;
}

/** The tool call that a statement comes from. */
export interface Source {
  tool: string;
  call: string;
}

/** A statement with what it stands on: the numbers in full (the text rounds them), the rows, and the tool call that gave them. */
export interface Finding {
  id: string;
  title: string;
  text: string;
  numbers: Record<string, number>;
  /** Row numbers of the file, a sample; `rowsTotal` says how many there are. Empty where the tool names none, as for whole groups. */
  rows: number[];
  rowsTotal: number;
  source: Source;
}

export interface Opportunity extends Finding {
  certainty: 'measured' | 'estimate' | 'upper bound';
  method: string;
}

export interface Recommendation extends Finding {
  certainty: Opportunity['certainty'];
}

export interface ActionItem extends Finding {
  /** Id of the recommendation that it carries out, where there is one. */
  recommendation?: string;
}

export interface ToolCall extends Source {
  arguments: Record<string, unknown>;
  durationMs: number;
}

export interface AnalysisResults {
  /** Absent when there was no table to read. */
  totals?: Totals;
  table?: { name: string; hash: string; bytes: number };
  /** What the question was taken to ask about. */
  topics: string[];
  missing: Missing[];
  /** Whole results of the tools by their names. */
  tools: Partial<Record<AnyToolName, JsonObject>>;
  calls: ToolCall[];
}

/** A picture of what a tool computed: every number in it stands in the result of that call. */
export interface Chart {
  id: string;
  title: string;
  /** What it shows, in words, for those who do not see it. */
  description: string;
  /** A whole SVG document, without scripts and without references to anything outside of it. */
  svg: string;
  source: Source;
}

/** A completion of a language model that an answer stands on, as its provider named and counted it. */
export interface ModelCall {
  response_id: string;
  /** As the provider names it, which may be more exact than what it was asked for. */
  model: string;
  finish_reason: string;
  input_tokens: number;
  output_tokens: number;
}

/** What the last event of a successful run carries. */
export interface RunResult {
  analysis_results: AnalysisResults;
  insights: Finding[];
  recommendations: Recommendation[];
  action_items: ActionItem[];
  optimization_opportunities: Opportunity[];
  /** Absent where there is nothing to draw. */
  charts?: Chart[];
  engine: string;
  /** The model that wrote the text, or null when none took part. */
  language_model: string | null;
  /** Only where a language model took part: its completions, in order. */
  model_calls?: ModelCall[];
  trace_id: string;
}
