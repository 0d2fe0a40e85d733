import { diag } from '@opentelemetry/api';
import { getNumberFromEnv, getStringFromEnv } from '@opentelemetry/core';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace';

const parentBased = 'parentbased_';

/** What OTEL_TRACES_SAMPLER says; undefined: the default, every span whose parent is sampled or that has none. */
export function samplerFromEnv(): Sampler | undefined {
  const name = getStringFromEnv('OTEL_TRACES_SAMPLER');
  if (name === undefined) return undefined;
  const root = rootNamed(name.startsWith(parentBased) ? name.slice(parentBased.length) : name);
  if (root === undefined) {
    diag.error(`OTEL_TRACES_SAMPLER is no sampler that is known here: "${name}"; the default is used`);
    return undefined;
  }
  return name.startsWith(parentBased) ? new ParentBasedSampler({ root }) : root;
}

function rootNamed(name: string): Sampler | undefined {
  switch (name) {
    case 'always_on':
      return new AlwaysOnSampler();
    case 'always_off':
      return new AlwaysOffSampler();
    case 'traceidratio':
      return new TraceIdRatioBasedSampler(ratio());
    default:
      return undefined;
  }
}

function ratio(): number {
  const given = getNumberFromEnv('OTEL_TRACES_SAMPLER_ARG');
  if (given !== undefined && given >= 0 && given <= 1) return given;
  diag.error('OTEL_TRACES_SAMPLER_ARG is no number from 0 to 1; all traces are sampled');
  return 1;
}
