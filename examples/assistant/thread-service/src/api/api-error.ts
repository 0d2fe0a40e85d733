import type { Logger } from '@reveille/telemetry';
import type { NextFunction, Request, Response } from 'express';
import { z } from 'zod';

/** An answer that is no success, in words: `{error: {code, message}}`. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
  }
}

/** What a schema accepts, or 400 with all that is wrong. */
export function parse<S extends z.ZodType>(schema: S, value: unknown, what: string): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new ApiError(400, 'invalid_request', `The ${what} is not right: ${z.prettifyError(parsed.error)}`);
}

/** Turns what was thrown into an answer. What nobody foresaw is logged and told without its inside. */
export function answerErrors(log: Logger) {
  return (error: unknown, _request: Request, response: Response, next: NextFunction): void => {
    if (response.headersSent) return next(error);
    const { status, code, message } = asApiError(error, log);
    response.status(status).json({ error: { code, message } });
  };
}

function asApiError(error: unknown, log: Logger): ApiError {
  if (error instanceof ApiError) return error;
  const type = typeof error === 'object' && error !== null && 'type' in error ? error.type : undefined;
  if (type === 'entity.too.large') return tooLarge();
  if (type === 'entity.parse.failed') return new ApiError(400, 'invalid_request', 'The body is not JSON.');
  log.error({ err: error }, 'a request failed');
  return new ApiError(500, 'internal_error', 'The thread service could not do this; its log says why.');
}

export function tooLarge(): ApiError {
  return new ApiError(413, 'too_large', 'The table is larger than 10 MiB. Send a shorter time span or fewer columns.');
}
