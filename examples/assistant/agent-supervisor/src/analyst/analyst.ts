import type { Engine } from '../engine/engine.ts';
import { planTools } from './plan-tools.ts';
import { writeReport } from './write-report.ts';

/** The deterministic engine: the same question about the same table is answered by the same tools in the same words. */
export const analyst: Engine = {
  name: 'analyst',
  languageModel: null,
  plan: async ({ question, description }) => planTools(question, description.value),
  write: async (of) => writeReport(of),
};
