import { afterEach, describe, expect, test, vi } from 'vitest';
import { createLogger, newTraceparent, runWithTraceparent, traceIdOf, type LoggerOptions } from '../../src/index.ts';

function capture(options: Partial<LoggerOptions> = {}) {
  const lines: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) };
  return { logger: createLogger({ name: 'edge', destination, ...options }), lines };
}

afterEach(() => void vi.unstubAllEnvs());

describe('a log line', () => {
  test('is JSON with the level as a word, ISO time, name and bindings', () => {
    const { logger, lines } = capture({ bindings: { edge: 'e1' } });
    logger.info({ sessions: 3 }, 'drained');
    expect(lines[0]).toMatchObject({ level: 'info', name: 'edge', edge: 'e1', sessions: 3, msg: 'drained' });
    expect(lines[0]?.['time']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(lines[0]).not.toHaveProperty('trace_id');
  });

  test('carries the trace of its asynchronous context, with no SDK running', async () => {
    const { logger, lines } = capture();
    const [one, two] = [newTraceparent(), newTraceparent()];
    await Promise.all(
      [one, two].map((traceparent) =>
        runWithTraceparent(traceparent, async () => {
          await new Promise((resolve) => setImmediate(resolve));
          logger.child({ part: 'probe' }).info(traceparent);
        }),
      ),
    );
    logger.info('outside');
    expect(lines.map((line) => [line['msg'], line['trace_id']])).toEqual([
      [one, traceIdOf(one)],
      [two, traceIdOf(two)],
      ['outside', undefined],
    ]);
    expect(lines[0]?.['span_id']).toBe(one.split('-')[2]);
  });

  test('has no secret in bindings, children, fields, messages and errors', () => {
    const { logger, lines } = capture({ bindings: { adminToken: 'hunter2' } });
    const error = Object.assign(new Error('connecting to redis://:hunter2@h failed'), {
      config: { headers: { authorization: 'hunter2' } },
    });
    logger.child({ secret: 'hunter2' }).error({ err: error, env: { API_KEY: 'hunter2' } }, 'TOKEN=hunter2');
    expect(JSON.stringify(lines)).not.toContain('hunter2');
    expect(lines[0]).toMatchObject({ adminToken: '[redacted]', secret: '[redacted]', msg: 'TOKEN=[redacted]' });
  });

  test('obeys LOG_LEVEL, and the level given before it', () => {
    vi.stubEnv('LOG_LEVEL', 'warn');
    const byEnv = capture();
    byEnv.logger.info('unheard');
    byEnv.logger.warn('heard');
    expect(byEnv.lines.map((line) => line['msg'])).toEqual(['heard']);
    const given = capture({ level: 'debug' });
    given.logger.debug('heard');
    expect(given.lines).toHaveLength(1);
  });
});
