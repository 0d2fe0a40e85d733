import type { ActionItem, Finding, Missing, Opportunity, Recommendation } from '../runs/run-result.ts';
import type { ToolName } from '../tools/tool-names.ts';
import type { ToolAnswer, ToolAnswers } from '../tools/tool-results.ts';

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
  /** What was asked and cannot be computed from this table. */
  missing: Missing[];
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
}

/** The head behind the agents: it chooses tools and writes the report; tools compute. An engine keeps nothing between calls. */
export interface Engine {
  readonly name: string;
  /** The model that takes part, or null. */
  readonly languageModel: string | null;
  plan(of: { question: string; description: ToolAnswer<'describe_data'> }, signal: AbortSignal): Promise<AnalysisPlan>;
  write(
    of: {
      question: string;
      tableName: string;
      /** Whether the user stated prices, which a cost column in the file makes unneeded. */
      pricesGiven: boolean;
      plan: AnalysisPlan;
      answers: ToolAnswers;
    },
    signal: AbortSignal,
  ): Promise<Report>;
}
