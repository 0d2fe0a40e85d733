import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { proofText, serviceReport, upstreamCommand, upstreamEvent, upstreamHeaderValue } from '../src/index.ts';

describe('an id in a header', () => {
  it('is made of what headers can carry, and read back as it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (id) => {
        const value = upstreamHeaderValue(id);
        expect(value).toMatch(/^[\x21-\x7e]*$/);
        expect(decodeURIComponent(value)).toBe(id);
      }),
    );
  });

  it('is made even of text that is no Unicode', () => {
    expect(upstreamHeaderValue('a\ud800')).toBe('a%EF%BF%BD');
  });
});

describe('the text of a proof', () => {
  it('differs whenever a part does', () => {
    const part = fc.record({
      nonce: fc.stringMatching(/^[\w-]{1,22}$/),
      instance: fc.stringMatching(/^[a-z][a-z0-9_-]{0,10}~global$/),
      generation: fc.nat(),
      session: fc.stringMatching(/^[\w.:~-]{1,20}$/),
    });
    fc.assert(
      fc.property(part, part, (one, other) => {
        const same = JSON.stringify(one) === JSON.stringify(other);
        expect(proofText(one) === proofText(other)).toBe(same);
      }),
    );
  });
});

describe('frames of an upstream', () => {
  it.each([
    { type: 'deliver', id: '', data: 1 },
    { type: 'deliver', id: 'x'.repeat(65), data: 1 },
    { type: 'deliver', id: 'm1' },
    { type: 'stored', n: 0 },
    { type: 'stored', n: 1.5 },
    { type: 'taken', id: 'm1' },
  ])('%o is no command', (frame) => {
    expect(upstreamCommand.safeParse(frame).success).toBe(false);
  });

  it.each([
    { type: 'emit', n: 0, data: 1 },
    { type: 'emit', n: 1 },
    { type: 'emit', n: 1, data: 1, final: 'yes' },
    { type: 'taken' },
    { type: 'deliver', id: 'm1', data: 1 },
  ])('%o is no event', (frame) => {
    expect(upstreamEvent.safeParse(frame).success).toBe(false);
  });
});

describe('a report', () => {
  it.each([
    {},
    { ready: false },
    { phase: '' },
    { phase: 'x'.repeat(65) },
    { phase: 'a', percent: 101 },
    { phase: 'a', detail: 'x'.repeat(501) },
    { ready: true, endpoint: 'not a url' },
  ])('is never %o', (body) => {
    expect(serviceReport.safeParse(body).success).toBe(false);
  });
});
