import type { Endpoint, Service } from '@reveille/contracts';

/** Where a service answers that listens on `port` of `host`. */
export function endpointOf(spec: Service['endpoint'], host: string, port: number): Endpoint {
  const authority = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  return { url: withoutTrailingSlash(`${spec.scheme}://${authority}${spec.path}`), host, port };
}

/** The endpoint that a service reported; undefined if the text is no HTTP URL. */
export function endpointFromUrl(text: string): Endpoint | undefined {
  const url = URL.parse(text);
  const standardPort = { 'http:': 80, 'https:': 443, 'ws:': 80, 'wss:': 443 }[url?.protocol ?? ''];
  if (url === null || standardPort === undefined || url.hostname === '') return undefined;
  const scheme = url.protocol.replace('ws', 'http');
  return {
    url: withoutTrailingSlash(`${scheme}//${url.host}${url.pathname}`),
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? standardPort : Number(url.port),
  };
}

function withoutTrailingSlash(url: string): string {
  return url.replace(/\/+$/, '');
}
