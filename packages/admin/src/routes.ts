import type { OperatorParts } from './act/operator-parts.ts';
import type { Route } from './http/route.ts';
import { actionRoutes } from './route/action-routes.ts';
import { readRoutes } from './route/read-routes.ts';

/** The whole API. */
export function adminRoutes(parts: OperatorParts): Route[] {
  return [...readRoutes(parts), ...actionRoutes(parts)];
}
