import { BrokerUnavailable } from '@reveille/orchestration';
import type { Logger } from '@reveille/telemetry';
import express, { type ErrorRequestHandler, type Express, type Request } from 'express';
import type { z } from 'zod';
import { openapiDocument } from '../openapi/document.ts';
import { authorizer } from './authorize.ts';
import { Problem } from './problem.ts';
import type { Input, Operator, Route } from './route.ts';

/** Larger than any body of this API. */
const bodyLimit = '16kb';

export type Audit = (route: Route, input: Input, operator: Operator, outcome: 'done' | Error) => Promise<void>;

/** The routes as an express app: token, parsing, answers, audit. */
export function adminApp(of: { routes: readonly Route[]; token: string; audit: Audit; logger: Logger }): Express {
  const app = express();
  app.disable('x-powered-by').disable('etag').set('query parser', 'simple');
  app.use((_, response, next) => {
    response.set({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
    next();
  });
  // What there is to ask is no secret; what comes of asking is.
  const document = openapiDocument(of.routes);
  app.get('/v1/openapi.json', (_, response) => void response.json(document));
  const isAuthorized = authorizer(of.token);
  app.use((request, response, next) => {
    if (isAuthorized(request)) return next();
    response.set('www-authenticate', 'Bearer');
    next(new Problem('unauthorized', 'A Bearer token is needed: that of REVEILLE_ADMIN_TOKEN.'));
  });
  app.use(express.json({ limit: bodyLimit, strict: true }));
  for (const route of of.routes) {
    app[route.method](route.path.replaceAll(/\{(\w+)\}/g, ':$1'), async (request, response) => {
      const answer = await answerOf(route, request, of.audit);
      response.status(route.status).json(answer);
    });
  }
  app.use((_, __, next) =>
    next(new Problem('not_found', 'There is no such path; GET /v1/openapi.json names them all.')),
  );
  app.use(onError(of.logger));
  return app;
}

async function answerOf(route: Route, request: Request, audit: Audit): Promise<unknown> {
  const input: Input = {
    params: parsed('path', route.params, request.params),
    query: parsed('query', route.query, request.query),
    body: parsed('body', route.body, request.body),
  };
  const operator = operatorOf(request);
  if (route.audited === undefined) return route.handle(input, operator);
  try {
    const answer = await route.handle(input, operator);
    await audit(route, input, operator, 'done');
    return answer;
  } catch (error) {
    await audit(route, input, operator, error as Error);
    throw error;
  }
}

/** @throws Problem with every fault at once */
function parsed(where: string, schema: z.ZodObject | undefined, given: unknown): unknown {
  if (schema === undefined) return {};
  const result = schema.safeParse(given ?? {});
  if (result.success) return result.data;
  const details = result.error.issues.map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': '));
  throw new Problem('bad_request', `The ${where} is not what is expected.`, details.slice(0, 20));
}

function operatorOf(request: Request): Operator {
  const said = request.get('x-reveille-operator') ?? 'unknown';
  return { by: said.replaceAll(/[^\x20-\x7e]/g, '').slice(0, 100), address: request.socket.remoteAddress ?? '' };
}

function onError(logger: Logger): ErrorRequestHandler {
  return (error: unknown, _request, response, next) => {
    if (response.headersSent) return next(error);
    const problem = problemOf(error);
    if (problem.code === 'internal') logger.error({ err: error }, 'a request of the admin API failed');
    response.status(problem.status).json(problem.body);
  };
}

function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof BrokerUnavailable) return new Problem('broker_unavailable', error.message);
  // Of the parser of bodies: too large, no JSON, another charset.
  const status = (error as { status?: unknown } | undefined)?.status;
  if (typeof status === 'number' && status >= 400 && status < 500)
    return new Problem('bad_request', (error as Error).message);
  return new Problem('internal', 'It failed; the log of the relay says why.');
}
