import type { IncomingMessage } from 'node:http';
import { describe, expect, test } from 'vitest';
import { ClientAddress } from '../../src/limit/client-address.ts';

type Came = { from: string; xff?: string; forwarded?: string };

function request({ from, xff, forwarded }: Came): IncomingMessage {
  const headers = { ...(xff === undefined ? {} : { 'x-forwarded-for': xff }), ...(forwarded ? { forwarded } : {}) };
  return { socket: { remoteAddress: from }, headers } as unknown as IncomingMessage;
}

const proxies = ['10.0.0.0/8', 'fd00::/8', '192.0.2.7'];

function addressOf(came: Came, trusted: readonly string[] = proxies): string {
  return new ClientAddress(trusted).of(request(came));
}

describe('a peer that is no proxy of ours', () => {
  const lies = { xff: '10.0.0.1, 6.6.6.6', forwarded: 'for=10.0.0.1, for=6.6.6.6' };
  test.each<[string, Came, string, (readonly string[])?]>([
    ['is not believed about others', { from: '203.0.113.9', ...lies }, '203.0.113.9'],
    ['is not believed although it names a proxy of ours', { from: '203.0.113.9', xff: '10.0.0.1' }, '203.0.113.9'],
    ['is not believed over IPv6', { from: '2001:db8::9', ...lies }, '2001:db8::9'],
    ['is not believed in the IPv6 form of IPv4', { from: '::ffff:203.0.113.9', ...lies }, '203.0.113.9'],
    ['is anybody when nobody is trusted', { from: '10.0.0.4', ...lies }, '10.0.0.4', []],
    ['is anybody on loopback too', { from: '::1', ...lies }, '::1', []],
    ['is not believed when it is next to a range', { from: '11.0.0.0', ...lies }, '11.0.0.0'],
    ['is not believed when its address is not known', { from: '', ...lies }, ''],
  ])('%s', (_, came, address, trusted) => {
    expect(addressOf(came, trusted)).toBe(address);
  });
});

describe('a chain of proxies of ours', () => {
  test.each<[string, Came, string]>([
    ['says nothing: it is the peer', { from: '10.0.0.1' }, '10.0.0.1'],
    ['says an empty text: it is the peer', { from: '10.0.0.1', xff: '' }, '10.0.0.1'],
    ['names who came to it', { from: '10.0.0.1', xff: '203.0.113.9' }, '203.0.113.9'],
    ['is walked from the right', { from: '10.0.0.1', xff: '6.6.6.6, 203.0.113.9, 192.0.2.7' }, '203.0.113.9'],
    ['ends at the first that is not ours', { from: '10.0.0.1', xff: '10.9.9.9, 203.0.113.9' }, '203.0.113.9'],
    ['that is all ours has its first as the client', { from: '10.0.0.1', xff: '10.0.0.3, 10.0.0.2' }, '10.0.0.3'],
    ['may have no blanks', { from: '10.0.0.1', xff: '6.6.6.6,203.0.113.9,192.0.2.7' }, '203.0.113.9'],
    ['may name ports', { from: '10.0.0.1', xff: '203.0.113.9:55123, 10.0.0.2:80' }, '203.0.113.9'],
    ['may name IPv6', { from: 'fd00::1', xff: '2001:db8::9, fd00::2' }, '2001:db8::9'],
    ['may name IPv6 with ports', { from: 'fd00::1', xff: '[2001:db8::9]:55123, [fd00::2]:80' }, '2001:db8::9'],
    ['comes over IPv4 to a socket of IPv6', { from: '::ffff:10.0.0.1', xff: '203.0.113.9' }, '203.0.113.9'],
    ['names IPv4 in its IPv6 form', { from: '10.0.0.1', xff: '203.0.113.9, ::ffff:10.0.0.2' }, '203.0.113.9'],
    ['names it with hexadecimal digits', { from: '10.0.0.1', xff: '::ffff:cb00:7109, ::FFFF:0a00:2' }, '203.0.113.9'],
    ['names one address in one way', { from: '10.0.0.1', xff: '2001:DB8:0:0:0::9' }, '2001:db8::9'],
    ['may name a zone', { from: '10.0.0.1', xff: '6.6.6.6, fe80::1%eth0' }, 'fe80::1'],
  ])('%s', (_, came, address) => {
    expect(addressOf(came)).toBe(address);
  });
});

describe('Forwarded (RFC 7239)', () => {
  test.each<[string, string, string]>([
    ['names IPv4', 'for=203.0.113.9', '203.0.113.9'],
    ['names the parts in any case and order', 'proto=https;For=203.0.113.9;by=10.0.0.1', '203.0.113.9'],
    ['is walked from the right', 'for=6.6.6.6, for=203.0.113.9, for=10.0.0.2', '203.0.113.9'],
    ['quotes ports', 'for="203.0.113.9:55123", for="10.0.0.2:80"', '203.0.113.9'],
    ['quotes IPv6', 'for="[2001:db8::9]"', '2001:db8::9'],
    ['quotes IPv6 with ports', 'for="[2001:db8::9]:55123";proto=wss, for="[fd00::2]:_p1"', '2001:db8::9'],
    ['names IPv4 in its IPv6 form', 'for="[::ffff:203.0.113.9]:1"', '203.0.113.9'],
    ['may have empty elements', 'for=203.0.113.9, , for=10.0.0.2,', '203.0.113.9'],
    ['ends at one that is hidden', 'for=6.6.6.6, for=_hidden', '10.0.0.1'],
    ['ends at one that is unknown', 'for=6.6.6.6, for=unknown', '10.0.0.1'],
    ['ends at one that does not say', 'for=6.6.6.6, proto=https', '10.0.0.1'],
    ['ends at one that says two', 'for=6.6.6.6;for=7.7.7.7', '10.0.0.1'],
    ['is not found in a quoted host', 'host="a;for=6.6.6.6";for=203.0.113.9', '203.0.113.9'],
    ['is not found behind a quoted comma', 'host="a, for=6.6.6.6";for=203.0.113.9', '203.0.113.9'],
    ['is not found behind a quoted quote', 'host="a\\", for=6.6.6.6;b=\\"";for=203.0.113.9', '203.0.113.9'],
    ['with a quote that does not end is none', 'for=", for=203.0.113.9', '10.0.0.1'],
    ['that is garbage is none', ';;=,"",for', '10.0.0.1'],
  ])('%s', (_, forwarded, address) => {
    expect(addressOf({ from: '10.0.0.1', forwarded })).toBe(address);
  });
});

test.each([
  ['no address', 'localhost'],
  ['a key of Redis', '{a}:b'],
  ['an address that is none', '203.0.113.999'],
  ['an address and more', '203.0.113.9 6.6.6.6'],
  ['a path', '[../../x]'],
  ['a number', '3405803785'],
  ['very long', '9'.repeat(10_000)],
])('what a proxy of ours passes on that is %s is not taken for an address', (_, text) => {
  expect(addressOf({ from: '10.0.0.1', xff: `6.6.6.6, ${text}` })).toBe('10.0.0.1');
  expect(addressOf({ from: '10.0.0.1', forwarded: `for=6.6.6.6, for="${text}"` })).toBe('10.0.0.1');
});

describe('Forwarded and X-Forwarded-For', () => {
  test('that agree are believed', () => {
    const said = { xff: '2001:db8::9, 10.0.0.2', forwarded: 'for="[2001:DB8::0:9]"' };
    expect(addressOf({ from: '10.0.0.1', ...said })).toBe('2001:db8::9');
  });

  test('that disagree are not: proxies write one of them, and pass the other on as the client wrote it', () => {
    expect(addressOf({ from: '10.0.0.1', xff: '203.0.113.9', forwarded: 'for=6.6.6.6' })).toBe('10.0.0.1');
    expect(addressOf({ from: '10.0.0.1', xff: '6.6.6.6', forwarded: 'for=203.0.113.9' })).toBe('10.0.0.1');
    expect(addressOf({ from: '10.0.0.1', xff: '203.0.113.9', forwarded: '"' })).toBe('10.0.0.1');
  });
});

test('a header of hostile quotes takes no time', () => {
  const started = performance.now();
  addressOf({ from: '10.0.0.1', forwarded: `for="${'\\"'.repeat(8_000)}` });
  addressOf({ from: '10.0.0.1', forwarded: 'for="" '.repeat(2_000) });
  expect(performance.now() - started).toBeLessThan(1_000);
});
