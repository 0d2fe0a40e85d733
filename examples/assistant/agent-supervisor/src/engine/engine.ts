import type { StatedPrices } from '../prices/stated-prices.ts';
import type { ActionItem, Finding, Missing, ModelCall, Opportunity, Recommendation } from '../runs/run-result.ts';
import type { ToolDescription, ToolName } from '../tools/tool-names.ts';
import type { JsonObject, ToolAnswer, ToolAnswers } from '../tools/tool-results.ts';

/** What an engine thinks should be done about a question. */
export interface AnalysisPlan {
  /** What the question is taken to ask about, in words. */
  topics: string[];
  /** Why these tools, in Markdown, for the user. */
  reasoning: string;
  /** Tools of the data agent, in order; `describe_data` has run before. */
  data: ToolName[];
  /** Tools of the optimization agent, in order. */
  optimization: ToolName[];
  /** Arguments beside the table and the prices, for tools that are to get other ones than their defaults. */
  options?: Partial<Record<ToolName, JsonObject>>;
  /** What the user should read first, in Markdown: what of the question was not understood. */
  note?: string;
  /** What was asked and cannot be computed from this table. */
  missing: Missing[];
  /** Completions that this plan stands on. */
  modelCalls?: ModelCall[];
}

/** What an engine writes. Every number in it comes from a tool. */
export interface Report {
  /** Markdown. */
  text: string;
  insights: Finding[];
  recommendations: Recommendation[];
  actionItems: ActionItem[];
  opportunities: Opportunity[];
  missing: Missing[];
  /** Completions that this report and its plan stand on. */
  modelCalls?: ModelCall[];
}

/** What an engine has while it works on one message. */
export interface EngineWork {
  /** Aborts when the run is cancelled or takes too long. */
  signal: AbortSignal;
  /** Tells the user what is being done, in Markdown. */
  think(text: string): void;
  /** The tools as their server describes them, asked when they are needed. */
  describeTools(): Promise<ToolDescription[]>;
}

/** What a plan is made from. */
export interface PlanRequest {
  question: string;
  description: ToolAnswer<'describe_data'>;
  /** Name of another table that this one is compared with in any case, because the question asks for it. */
  comparedWith?: string | undefined;
}

/** The head behind the agents: it chooses tools and writes the report; tools compute. An engine keeps nothing between calls. */
export interface Engine {
  readonly name: string;
  /** The model that takes part, or null. */
  readonly languageModel: string | null;
  /** @throws RunFailure when there can be no plan */
  plan(of: PlanRequest, work: EngineWork): Promise<AnalysisPlan>;
  /** @throws RunFailure when there can be no report */
  write(
    of: {
      question: string;
      tableName: string;
      /** Stated by the user; a cost column in the file makes them unneeded. */
      prices: StatedPrices | undefined;
      plan: AnalysisPlan;
      answers: ToolAnswers;
    },
    work: EngineWork,
  ): Promise<Report>;
}
