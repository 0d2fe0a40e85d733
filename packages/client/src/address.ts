/**
 * The address of an entrypoint under the base of an edge: `https://edge.example/base` becomes
 * `wss://edge.example/base/v1/connect/{entrypoint}`. Query and fragment are dropped: nothing secret belongs in a URL.
 *
 * @throws TypeError when the base is no ws, wss, http or https URL
 */
export function entrypointAddress(base: string, entrypoint: string): string {
  const url = new URL(base);
  const scheme = { 'http:': 'ws:', 'https:': 'wss:', 'ws:': 'ws:', 'wss:': 'wss:' }[url.protocol];
  if (scheme === undefined)
    throw new TypeError(`The address of an edge begins with ws(s):// or http(s)://, not ${url.protocol}//.`);
  const path = `${url.pathname.replace(/\/+$/, '')}/v1/connect/${encodeURIComponent(entrypoint)}`;
  return `${scheme}//${url.host}${path}`;
}
