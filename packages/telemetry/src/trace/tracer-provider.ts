import type { Attributes } from '@opentelemetry/api';
import { getNumberFromEnv, getStringFromEnv } from '@opentelemetry/core';
import {
  defaultResource,
  detectResources,
  envDetector,
  hostDetector,
  resourceFromAttributes,
  serviceInstanceIdDetector,
} from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { chosenIdGenerator } from './chosen-ids.ts';
import { samplerFromEnv } from './sampler.ts';

/**
 * What makes spans and hands them to the collector, as OTEL_* say. Made of the SDK's own parts: `NodeSDK` loads every exporter there is, for
 * logs and metrics too, and a deployable would run half a second later.
 * Reads `process.env`: https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 */
export async function createTracerProvider(attributes: Attributes): Promise<TracerProvider> {
  const { OTLPTraceExporter } = await exporter();
  const sampler = samplerFromEnv();
  return new TracerProvider({
    // The environment last, so that what the operator says wins. No process detector: command lines may hold secrets.
    resource: defaultResource()
      .merge(resourceFromAttributes(attributes))
      .merge(detectResources({ detectors: [serviceInstanceIdDetector, hostDetector, envDetector] })),
    idGenerator: chosenIdGenerator,
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: new OTLPTraceExporter(),
        ...positive('maxQueueSize', 'OTEL_BSP_MAX_QUEUE_SIZE'),
        ...positive('scheduledDelayMillis', 'OTEL_BSP_SCHEDULE_DELAY'),
        ...positive('exportTimeoutMillis', 'OTEL_BSP_EXPORT_TIMEOUT'),
        ...positive('maxExportBatchSize', 'OTEL_BSP_MAX_EXPORT_BATCH_SIZE'),
      }),
    ],
    spanLimits: {
      ...positive('attributeCountLimit', 'OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT', 'OTEL_ATTRIBUTE_COUNT_LIMIT'),
      ...positive(
        'attributeValueLengthLimit',
        'OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT',
        'OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT',
      ),
      ...positive('eventCountLimit', 'OTEL_SPAN_EVENT_COUNT_LIMIT'),
      ...positive('linkCountLimit', 'OTEL_SPAN_LINK_COUNT_LIMIT'),
      ...positive('attributePerEventCountLimit', 'OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT'),
      ...positive('attributePerLinkCountLimit', 'OTEL_LINK_ATTRIBUTE_COUNT_LIMIT'),
    },
    ...(sampler === undefined ? {} : { sampler }),
  });
}

/** The one that is asked for, and no other. */
function exporter() {
  const own = getStringFromEnv('OTEL_EXPORTER_OTLP_TRACES_PROTOCOL');
  switch (own ?? getStringFromEnv('OTEL_EXPORTER_OTLP_PROTOCOL')) {
    case 'grpc':
      return import('@opentelemetry/exporter-trace-otlp-grpc');
    case 'http/json':
      return import('@opentelemetry/exporter-trace-otlp-http');
    default:
      return import('@opentelemetry/exporter-trace-otlp-proto');
  }
}

/** An option that is left to its default where no variable sets it to more than nothing. */
function positive<Name extends string>(name: Name, ...variables: readonly string[]): { readonly [_ in Name]?: number } {
  const value = variables.map((variable) => getNumberFromEnv(variable)).find((number) => number !== undefined);
  return value === undefined || value <= 0 ? {} : ({ [name]: value } as { readonly [_ in Name]?: number });
}
