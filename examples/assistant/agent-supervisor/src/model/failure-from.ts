import { APICallError } from 'ai';
import { RunFailure } from '../runs/run-failure.ts';
import { modelFailure, type ModelFailureCode } from './model-failure.ts';

/** Longest detail from a provider that the log gets. */
const LONGEST_DETAIL = 500;

/** What an error of the SDK or of the connection means. The error itself goes nowhere: it carries the whole request. */
export function failureFrom(error: unknown, secret: string | undefined): RunFailure {
  for (let at = error; at instanceof Error; at = at.cause) if (at instanceof RunFailure) return at;
  const cause = detailOf(error, secret);
  if (!APICallError.isInstance(error)) return modelFailure(codeOf(error), { cause });
  const { statusCode } = error;
  // Status 200: the answer began well and then could not be read.
  if (statusCode === undefined) return modelFailure('model_unreachable', { cause });
  if (statusCode < 300) return modelFailure('model_interrupted', { cause });
  return modelFailure(codeOfStatus(statusCode), { cause, found: `HTTP status ${statusCode}` });
}

function codeOfStatus(status: number): ModelFailureCode {
  if (status === 401 || status === 403) return 'model_key_refused';
  if (status === 408 || status === 504) return 'model_timeout';
  if (status === 429 || status === 503 || status === 529) return 'model_busy';
  return status >= 500 ? 'model_failed' : 'model_refused';
}

function codeOf(error: unknown): ModelFailureCode {
  const name = error instanceof Error ? error.name : '';
  switch (name) {
    // The server itself says within the stream that it failed.
    case 'AI_StreamProviderError':
      return 'model_failed';
    // A stream that was cut is an error of the connection while it was read.
    case 'TypeError':
    case 'SocketError':
      return 'model_interrupted';
    case 'AI_InvalidResponseDataError':
      return /without a finish reason/.test(String(error)) ? 'model_interrupted' : 'model_not_a_completion';
    case 'AI_JSONParseError':
    case 'AI_TypeValidationError':
      return 'model_not_a_completion';
    default:
      return 'model_failed';
  }
}

/** Name and message along the chain of causes, without the key. */
function detailOf(error: unknown, secret: string | undefined): string {
  const parts: string[] = [];
  for (let at = error, depth = 0; at !== undefined && at !== null && depth < 3; depth += 1) {
    parts.push(at instanceof Error ? `${at.name}: ${at.message}` : typeof at === 'string' ? at : typeof at);
    at = at instanceof Error ? at.cause : undefined;
  }
  const detail = parts.join(' <- ');
  return (secret === undefined ? detail : detail.replaceAll(secret, '[redacted]')).slice(0, LONGEST_DETAIL);
}
