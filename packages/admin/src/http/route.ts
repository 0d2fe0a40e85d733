import type { AdminAction } from '@reveille/contracts';
import type { z } from 'zod';

type Schema = z.ZodObject;

/** Who called, for the audit log. `by` is what the client says of itself. */
export type Operator = { by: string; address: string };

/** One path of the API. The server and its OpenAPI document are both made of these, so that neither can promise what the other lacks. */
export type Route = {
  method: 'get' | 'post';
  /** In the form of OpenAPI: `/v1/instances/{instance}`. */
  path: string;
  summary: string;
  params?: Schema;
  query?: Schema;
  body?: Schema;
  status: 200 | 202;
  response: z.ZodType;
  /** Written to the audit log, with what it was done to. */
  audited?: { action: AdminAction; target: (input: Input) => string };
  /** @throws Problem */
  handle(input: Input, operator: Operator): Promise<unknown>;
};

/** Parsed by the schemas of the route. */
export type Input = { params: unknown; query: unknown; body: unknown };

type Parsed<S extends Schema | undefined> = S extends Schema ? z.infer<S> : Record<string, never>;

/** A route whose handler and audit see what its schemas make of the request. */
export function route<
  P extends Schema | undefined = undefined,
  Q extends Schema | undefined = undefined,
  B extends Schema | undefined = undefined,
  R extends z.ZodType = z.ZodType,
>(of: {
  method: Route['method'];
  path: string;
  summary: string;
  params?: P;
  query?: Q;
  body?: B;
  status?: Route['status'];
  response: R;
  audited?: {
    action: AdminAction;
    target: (input: { params: Parsed<P>; query: Parsed<Q>; body: Parsed<B> }) => string;
  };
  handle(input: { params: Parsed<P>; query: Parsed<Q>; body: Parsed<B> }, operator: Operator): Promise<z.input<R>>;
}): Route {
  return { status: 200, ...of } as unknown as Route;
}
