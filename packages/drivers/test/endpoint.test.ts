import { expect, it } from 'vitest';
import { endpointFromUrl, endpointOf } from '../src/index.ts';

it.each([
  ['127.0.0.1', '/', 'http://127.0.0.1:8000'],
  ['::1', '/api/', 'http://[::1]:8000/api'],
])('an endpoint at %s with the path %s is %s', (host, path, url) => {
  expect(endpointOf({ port: 'auto', path, scheme: 'http' }, host, 8000)).toEqual({ url, host, port: 8000 });
});

it.each([
  ['http://127.0.0.1:4711/', { url: 'http://127.0.0.1:4711', host: '127.0.0.1', port: 4711 }],
  ['https://service.example/api/', { url: 'https://service.example/api', host: 'service.example', port: 443 }],
  ['ws://[::1]:80', { url: 'http://[::1]', host: '::1', port: 80 }],
  ['ftp://127.0.0.1', undefined],
  ['not a url', undefined],
])('a reported endpoint %s is read as %j', (text, endpoint) => {
  expect(endpointFromUrl(text)).toEqual(endpoint);
});
