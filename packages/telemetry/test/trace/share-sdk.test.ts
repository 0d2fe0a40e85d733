import { afterEach, expect, test, vi } from 'vitest';
import { createLogger, startTelemetry, withSpan } from '../../src/index.ts';
import { OtlpReceiver } from '../fixtures/otlp-receiver.ts';

afterEach(() => void vi.unstubAllEnvs());

const isRecording = (): Promise<boolean> => withSpan('tick', {}, (span) => span.isRecording());

test('parts of one process share one SDK, the last one ends it, and it can be started again', async () => {
  await using receiver = await OtlpReceiver.listen();
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', receiver.endpoint);
  vi.stubEnv('OTEL_EXPORTER_OTLP_PROTOCOL', 'http/json');
  const lines: string[] = [];
  const logger = createLogger({ name: 'dev', destination: { write: (line) => void lines.push(line) } });

  const [edge, relay] = await Promise.all(['edge', 'relay'].map((service) => startTelemetry({ service, logger })));
  expect(await isRecording()).toBe(true);
  await edge?.[Symbol.asyncDispose]();
  await edge?.[Symbol.asyncDispose]();
  expect(await isRecording()).toBe(true);
  await relay?.[Symbol.asyncDispose]();
  expect(await isRecording()).toBe(false);

  const again = await startTelemetry({ service: 'again', logger });
  expect(await isRecording()).toBe(true);
  await again[Symbol.asyncDispose]();
  expect(receiver.spans().map((span) => span.resource['service.name'])).toEqual(['edge', 'edge', 'again']);
  expect(lines).toEqual([]);
});
