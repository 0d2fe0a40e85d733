import type { IncomingMessage, ServerResponse } from 'node:http';
import type { KubeObject } from '../../../src/kubernetes/kube-object.ts';

export function isSelected({ metadata, ...object }: KubeObject, query: URLSearchParams): boolean {
  const labels = (query.get('labelSelector') ?? '').split(',').filter(Boolean);
  const involved = /involvedObject\.uid=([^,]*)/.exec(query.get('fieldSelector') ?? '')?.[1];
  if (involved !== undefined && (object as { involvedObject?: { uid?: string } }).involvedObject?.uid !== involved)
    return false;
  return labels.every((label) => {
    const [name = '', value] = label.split('=');
    return value === undefined ? metadata.labels?.[name] !== undefined : metadata.labels?.[name] === value;
  });
}

export function encoded(plural: string, object: KubeObject & { stringData?: Record<string, string> }): KubeObject {
  const { stringData, ...rest } = object;
  if (plural !== 'secrets') return rest;
  const data = Object.entries(stringData ?? {}).map(([name, value]) => [name, Buffer.from(value).toString('base64')]);
  return { ...rest, data: Object.fromEntries(data) as Record<string, string> };
}

/** RFC 7396. */
export function merged(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const result: Record<string, unknown> = typeof target === 'object' && target !== null ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = merged(result[key], value);
  }
  return result;
}

export function send(response: ServerResponse, status: number, object: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(object));
}

export function refuse(response: ServerResponse, code: number, message: string): void {
  send(response, code, { kind: 'Status', status: 'Failure', code, message, metadata: {} });
}

export async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
