import { compileRegex, compileSchema } from '@reveille/catalog';
import type { Entrypoint } from '@reveille/contracts';
import { compileRules, type ContentRules } from '@reveille/orchestration';

/** The content rules of an entrypoint, ready to judge frames. @throws on a rule that cannot be compiled */
export function contentRulesOf(entrypoint: Pick<Entrypoint, 'authenticity'>): ContentRules {
  return compileRules(entrypoint.authenticity, { compileRegex, compileSchema });
}
