import { createHash } from 'node:crypto';
import { type Explanation, type ExplainedService, type TimelineAttempt } from '@reveille/orchestration';
import { ATTRIBUTE, SPAN } from '@reveille/telemetry';

type Attribute = { key: string; value: { stringValue: string } | { intValue: string } };
type OtlpSpan = {
  traceId: string;
  spanId: string;
  parentSpanId: string;
  name: string;
  /** 1: internal. */
  kind: 1;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: Attribute[];
  links: { traceId: string; spanId: string }[];
  /** 2: error. */
  status: { code: 0 | 2; message?: string };
};

/**
 * The run as one trace in OTLP/JSON, made of what is kept and of no span that a process had to live to export: so that crashes and what
 * has not ended show. Its ids are digests, the same each time, and differ from those of the live trace,
 * which `reveille.trace_id` names and the root links to.
 */
export function otlpTrace(explanation: Explanation) {
  const traceId = digest(`trace ${explanation.initialization}`, 32);
  const root = digest(`run ${explanation.initialization}`, 16);
  const span = (of: {
    id: string;
    parent: string;
    name: string;
    from: number;
    to: number;
    attributes: Record<string, string | number | undefined>;
    error?: string | undefined;
    links?: OtlpSpan['links'];
  }): OtlpSpan => ({
    traceId,
    spanId: of.id,
    parentSpanId: of.parent,
    name: of.name,
    kind: 1,
    startTimeUnixNano: nano(of.from),
    endTimeUnixNano: nano(of.to),
    attributes: attributesOf({ ...of.attributes, ...(of.error === undefined ? {} : { 'error.type': of.error }) }),
    links: of.links ?? [],
    status: of.error === undefined ? { code: 0 } : { code: 2, message: of.error },
  });
  const { from, to, entrypoint, initialization, outcome } = explanation;
  const failed = outcome === 'failed' ? (explanation.code ?? explanation.ended ?? 'failed') : undefined;
  const spans = [
    span({
      ...{ id: root, parent: '', name: SPAN.initialization, from, to, error: failed },
      attributes: {
        [ATTRIBUTE.entrypoint]: entrypoint,
        [ATTRIBUTE.initialization]: initialization,
        [ATTRIBUTE.outcome]: outcome,
        'reveille.trace_id': explanation.traceId,
      },
      links: liveRoot(explanation),
    }),
  ];
  for (const wait of explanation.waits) {
    const code = wait.outcome !== undefined && !peaceful.has(wait.outcome) ? wait.outcome : undefined;
    spans.push(
      span({
        ...{ id: digest(`wait ${initialization} ${wait.session} ${wait.from}`, 16), parent: root, name: SPAN.wait },
        ...{ from: wait.from, to: wait.to ?? Math.max(to, wait.from), error: code },
        attributes: {
          [ATTRIBUTE.session]: wait.session,
          [ATTRIBUTE.outcome]: wait.outcome,
          'reveille.unfinished': wait.to === undefined ? 'true' : undefined,
        },
      }),
    );
  }
  for (const connecting of explanation.chain.filter(({ kind }) => kind === 'connecting'))
    spans.push(
      span({
        ...{ id: digest(`upstream ${initialization}`, 16), parent: root, name: SPAN.upstream, error: failed },
        ...{ from: connecting.from, to: connecting.to, attributes: { [ATTRIBUTE.service]: connecting.service } },
      }),
    );
  for (const service of explanation.services) {
    const attributes = { [ATTRIBUTE.service]: service.service, [ATTRIBUTE.instance]: service.instance };
    for (const attempt of service.attempts)
      spans.push(
        span({
          ...{ id: attemptId(service, attempt), parent: root, name: SPAN.start, from: attempt.from, to: attempt.to },
          attributes: { ...attributes, [ATTRIBUTE.attempt]: attempt.attempt, [ATTRIBUTE.outcome]: attempt.outcome },
          error: attempt.failure?.code ?? (attempt.outcome === 'abandoned' ? 'abandoned' : undefined),
        }),
      );
    for (const [index, phase] of service.phases.entries()) {
      const within = service.attempts.findLast((one) => one.from <= phase.from && one.to >= phase.to);
      spans.push(
        span({
          id: digest(`phase ${service.instance} ${service.generation} ${index}`, 16),
          parent: within === undefined ? root : attemptId(service, within),
          name: `reveille.phase.${phase.kind}`,
          ...{ from: phase.from, to: phase.to },
          attributes: {
            ...attributes,
            'reveille.phase': phase.label,
            'reveille.phase_detail': phase.detail,
            'reveille.unfinished': phase.unfinished ? 'true' : undefined,
          },
        }),
      );
    }
  }
  const resource = { attributes: attributesOf({ 'service.name': 'reveille-explain' }) };
  return { resourceSpans: [{ resource, scopeSpans: [{ scope: { name: 'reveille' }, spans }] }] };
}

/** Ends of a wait that are no failure. */
const peaceful: ReadonlySet<string> = new Set(['connected', 'left', 'cancelled']);

/** `00-{trace}-{span}-{flags}` */
function liveRoot({ traceparent }: Explanation): OtlpSpan['links'] {
  const [, traceId, spanId] = traceparent?.split('-') ?? [];
  return traceId === undefined || spanId === undefined ? [] : [{ traceId, spanId }];
}

function attemptId({ instance }: ExplainedService, { generation, from }: TimelineAttempt): string {
  return digest(`attempt ${instance} ${generation} ${from}`, 16);
}

function digest(text: string, length: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, length);
}

function nano(ms: number): string {
  return `${Math.round(ms)}000000`;
}

function attributesOf(of: Record<string, string | number | undefined>): Attribute[] {
  return Object.entries(of).flatMap(([key, value]) => {
    if (value === undefined) return [];
    return [{ key, value: typeof value === 'number' ? { intValue: String(value) } : { stringValue: value } }];
  });
}
