import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export type ReceivedSpan = {
  /** `service.name` and `service.instance.id` of its resource: of which process it is. */
  service: string;
  process: string;
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId: string;
  links: { traceId: string; spanId: string }[];
  attributes: Record<string, string | undefined>;
  /** 2: error. */
  status: number;
};

type Attribute = { key: string; value: { stringValue?: string } };
type Export = {
  resourceSpans: {
    resource: { attributes: Attribute[] };
    scopeSpans: {
      spans: (Pick<ReceivedSpan, 'name' | 'traceId' | 'spanId'> & {
        parentSpanId?: string;
        links?: { traceId: string; spanId: string }[];
        attributes?: Attribute[];
        status?: { code?: number };
      })[];
    }[];
  }[];
};

/** Takes OTLP over HTTP in JSON, as a collector would. */
export async function startOtlpReceiver(): Promise<
  AsyncDisposable & { url: string; spans: ReceivedSpan[]; texts: string[] }
> {
  const spans: ReceivedSpan[] = [];
  /** Whole exports, as they came. */
  const texts: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      texts.push(text);
      // Metrics come here too.
      const { resourceSpans = [] } = JSON.parse(text) as Partial<Export>;
      for (const { resource, scopeSpans } of resourceSpans) {
        const of = textsOf(resource.attributes);
        for (const span of scopeSpans.flatMap((one) => one.spans))
          spans.push({
            service: of['service.name'] ?? '',
            process: of['service.instance.id'] ?? '',
            name: span.name,
            traceId: span.traceId,
            spanId: span.spanId,
            parentSpanId: span.parentSpanId ?? '',
            links: (span.links ?? []).map((link) => ({ traceId: link.traceId, spanId: link.spanId })),
            attributes: textsOf(span.attributes ?? []),
            status: span.status?.code ?? 0,
          });
      }
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    texts,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function textsOf(attributes: readonly Attribute[]): Record<string, string | undefined> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue]));
}
