import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export type ReceivedSpan = { service: string; name: string; traceId: string; spanId: string; parentSpanId: string };

type Attribute = { key: string; value: { stringValue?: string } };
type Export = {
  resourceSpans: {
    resource: { attributes: Attribute[] };
    scopeSpans: { spans: { name: string; traceId: string; spanId: string; parentSpanId?: string }[] }[];
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
      const { resourceSpans } = JSON.parse(text) as Export;
      for (const { resource, scopeSpans } of resourceSpans) {
        const service = resource.attributes.find((one) => one.key === 'service.name')?.value.stringValue ?? '';
        for (const span of scopeSpans.flatMap((one) => one.spans))
          spans.push({
            service,
            name: span.name,
            traceId: span.traceId,
            spanId: span.spanId,
            parentSpanId: span.parentSpanId ?? '',
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
