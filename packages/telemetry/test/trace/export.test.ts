import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from 'vitest';
import { newTraceparent, traceIdOf } from '../../src/index.ts';
import { OtlpReceiver } from '../fixtures/otlp-receiver.ts';

const SERVICE = new URL('../fixtures/service.ts', import.meta.url).pathname;
const PRELOAD = new URL('../fixtures/loaded-modules.ts', import.meta.url).pathname;

const children: ChildProcessWithoutNullStreams[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});

type Line = Record<string, unknown>;

function start(args: readonly string[], env: Record<string, string>) {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(OTEL_|TRACEPARENT$|LOG_LEVEL$)/.test(name));
  const child = spawn(process.execPath, ['--conditions=@reveille/source', '--import', PRELOAD, SERVICE, ...args], {
    env: { ...Object.fromEntries(inherited), ...env },
  });
  children.push(child);
  const [stdout, stderr, closed] = [text(child.stdout), text(child.stderr), once(child, 'close')];
  const ended = async (): Promise<{ logs: Line[]; report: Line }> => {
    const [code] = await closed;
    expect([code, await stderr]).toEqual([0, '']);
    const lines = (await stdout)
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Line);
    const reports = lines.filter((line) => 'report' in line);
    return { logs: lines.filter((line) => !('report' in line)), report: Object.assign({}, ...reports) as Line };
  };
  return { child, ended };
}

const json = (receiver: OtlpReceiver): Record<string, string> => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
  OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
});

describe('a started service', () => {
  test('sends its spans under the trace that it was started in', async () => {
    await using receiver = await OtlpReceiver.listen();
    const traceparent = newTraceparent();
    const { logs, report } = await start(['once'], { ...json(receiver), TRACEPARENT: traceparent }).ended();
    const [work, step] = ['work', 'step'].map((name) => receiver.spans().find((span) => span.name === name));
    expect(work).toMatchObject({ traceId: traceIdOf(traceparent), parentSpanId: traceparent.split('-')[2] });
    expect(work?.resource).toMatchObject({ 'service.name': 'fixture', 'service.version': '1.2.3' });
    expect(work?.resource).not.toHaveProperty('process.command_args');
    expect(step).toMatchObject({ parentSpanId: work?.spanId, status: { code: 2, message: 'step broke' } });
    expect(step?.events?.map((event) => event.name)).toEqual(['exception']);
    expect(JSON.stringify(step)).toContain('"error.type"');
    expect(report['traceparent']).toBe(`00-${work?.traceId}-${work?.spanId}-01`);
    expect(logs[0]).toMatchObject({ msg: 'working', trace_id: work?.traceId, span_id: work?.spanId });
  });

  test('speaks protobuf unless told otherwise, and obeys OTEL_SERVICE_NAME', async () => {
    await using receiver = await OtlpReceiver.listen((response) => void response.end());
    const traceparent = newTraceparent();
    const env = {
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${receiver.endpoint}/v1/traces`,
      OTEL_SERVICE_NAME: 'named-by-operator',
      TRACEPARENT: traceparent,
    };
    await start(['once'], env).ended();
    const body = Buffer.concat(receiver.bodies);
    expect(body.includes(Buffer.from(traceIdOf(traceparent) ?? '', 'hex'))).toBe(true);
    expect(body.includes('named-by-operator')).toBe(true);
  });

  test('starts a span as the traceparent that was chosen beforehand, and only that span', async () => {
    await using receiver = await OtlpReceiver.listen();
    const [chosen, linked] = [newTraceparent(), newTraceparent()];
    await start(['as'], { ...json(receiver), TEST_CHOSEN: chosen, TEST_LINK: linked }).ended();
    const [long, inner, other] = ['initialization', 'inner', 'other'].map((name) =>
      receiver.spans().find((span) => span.name === name),
    );
    expect(`00-${long?.traceId}-${long?.spanId}-01`).toBe(chosen);
    expect(long?.parentSpanId ?? '').toBe('');
    expect(long?.links?.map((link) => link.traceId)).toEqual([traceIdOf(linked)]);
    expect(inner).toMatchObject({ traceId: long?.traceId, parentSpanId: long?.spanId });
    expect(other?.traceId).not.toBe(long?.traceId);
  });

  test('with export off logs the trace that it was started in and loads no SDK', async () => {
    const traceparent = newTraceparent();
    const { logs, report } = await start(['once'], { TRACEPARENT: traceparent }).ended();
    expect(logs.map((line) => [line['msg'], line['trace_id']])).toEqual([
      ['working', traceIdOf(traceparent)],
      ['step broke', undefined],
    ]);
    const packages = (report['modules'] as string[]).map((url) => /@opentelemetry\/([^/]+)/.exec(url)?.[1]);
    expect([...new Set(packages)].sort()).toEqual(['api', 'context-async-hooks']);
  });
});

describe('a collector', () => {
  test('that refuses everything costs one log line', async () => {
    await using receiver = await OtlpReceiver.listen((response) => void response.writeHead(400).end('no'));
    const { child, ended } = start(['stream'], { ...json(receiver), OTEL_BSP_SCHEDULE_DELAY: '10' });
    await receiver.requests(5);
    child.stdin.end();
    const { logs } = await ended();
    expect(logs).toHaveLength(1);
    expect(logs[0]).toMatchObject({ level: 'warn', msg: expect.stringContaining('export of telemetry is in trouble') });
  });

  test('that never answers delays the end by no more than the flush deadline', async () => {
    await using receiver = await OtlpReceiver.listen(() => undefined);
    const env = { ...json(receiver), OTEL_EXPORTER_OTLP_TIMEOUT: '60000', OTEL_BSP_EXPORT_TIMEOUT: '60000' };
    const { report, logs } = await start(['once', '200'], env).ended();
    expect(report['disposeMs']).toBeGreaterThan(190);
    // Generous for a busy machine, far below the exporter's own 60 s.
    expect(report['disposeMs']).toBeLessThan(20_000);
    expect(logs.filter((line) => line['level'] === 'warn')).toHaveLength(1);
  });

  test('that is away delays neither the work nor the end', async () => {
    const gone = await OtlpReceiver.listen();
    await gone[Symbol.asyncDispose]();
    const { report, logs } = await start(['once', '200'], json(gone)).ended();
    expect(logs.filter((line) => line['level'] === 'info').map((line) => line['msg'])).toEqual([
      'working',
      'step broke',
    ]);
    expect(logs.filter((line) => line['level'] === 'warn')).toHaveLength(1);
    // The exporter by itself goes on trying for 10 s.
    expect(report['disposeMs']).toBeLessThan(8_000);
  });

  test('is paid for at start only when there is one', async () => {
    await using receiver = await OtlpReceiver.listen();
    const [off, on] = [await start(['none'], {}).ended(), await start(['none'], json(receiver)).ended()].map(
      ({ report }) => ({
        ms: Math.round(report['startMs'] as number),
        modules: (report['modules'] as string[]).length,
      }),
    );
    console.info('import and start of telemetry with export off, on:', off, on);
    // The modules are compared and not the times, which on a busy machine say little.
    expect(off?.modules).toBeLessThan((on?.modules ?? 0) / 2);
  });
});
