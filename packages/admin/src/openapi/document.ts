import { z } from 'zod';
import { problemBody } from '../http/problem.ts';
import type { Route } from '../http/route.ts';

export type OpenapiDocument = {
  openapi: string;
  info: object;
  paths: Record<string, Record<string, object>>;
  components: object;
  security: object[];
};

/** The API as OpenAPI 3.1, whose schemas are JSON Schema 2020-12: that of zod's own conversion. */
export function openapiDocument(routes: readonly Route[]): OpenapiDocument {
  const paths: OpenapiDocument['paths'] = {};
  for (const route of routes) (paths[route.path] ??= {})[route.method] = operationOf(route);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Reveille admin API',
      version: '1',
      description:
        'What there is, and what operators may do about it. Times are epoch milliseconds, durations milliseconds.',
    },
    paths,
    components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    security: [{ token: [] }],
  };
}

function operationOf({ summary, params, query, body, status, response }: Route): object {
  const parameters = [...parametersOf('path', params), ...parametersOf('query', query)];
  const answer = (description: string, schema: z.ZodType) => ({ description, content: json(schema, 'output') });
  return {
    summary,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: { required: true, content: json(body, 'input') } }),
    responses: {
      [status]: answer(
        status === 202 ? 'Asked for; what comes of it shows in the instances.' : 'The answer.',
        response,
      ),
      default: answer('Why not.', problemBody),
    },
  };
}

function parametersOf(where: 'path' | 'query', schema: z.ZodObject | undefined): object[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = schemaOf(schema, 'input');
  return Object.entries(properties).map(([name, one]) => ({
    name,
    in: where,
    required: where === 'path' || required.includes(name),
    schema: one,
  }));
}

function json(schema: z.ZodType, io: 'input' | 'output'): object {
  return { 'application/json': { schema: schemaOf(schema, io) } };
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output') {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io });
  return rest as { properties?: Record<string, object>; required?: string[] };
}
