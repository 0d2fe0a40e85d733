import { createPublicKey, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import {
  clientFrame,
  clientFrameTypes,
  closeCodes,
  failureCodes,
  proofText,
  refusalCodes,
  serverFrame,
  serviceReport,
  upstreamCloseCodes,
  upstreamCommand,
  upstreamEvent,
  upstreamHeaders,
} from '../src/index.ts';
import { fencedBlocks, quoted, readDocument, table } from './markdown.ts';

const document = readDocument('PROTOCOL.md');
const blocks = fencedBlocks(document);
const examples = blocks
  .filter(({ language }) => language === 'json')
  .flatMap(({ tag, text, line }) =>
    text
      .trimEnd()
      .split('\n')
      .map((example, index) => ({ tag, example, line: line + 1 + index })),
  );

const schemas: Record<string, z.ZodType> = {
  client: clientFrame,
  server: serverFrame,
  'upstream-command': upstreamCommand,
  'upstream-event': upstreamEvent,
  report: serviceReport,
};

describe('the examples of PROTOCOL.md', () => {
  it('are there for every schema, and every block is of a known kind', () => {
    expect(examples.length).toBeGreaterThan(40);
    expect(new Set(examples.map(({ tag }) => tag))).toEqual(new Set(Object.keys(schemas)));
    const kinds = new Set(blocks.map(({ language }) => language));
    expect([...kinds].toSorted()).toEqual(['http', 'json', 'public-key']);
  });

  it.each(examples)(
    'line $line is a frame as the schema has it, without a field that it does not know',
    ({ tag, example }) => {
      const value: unknown = JSON.parse(example);
      // Parsing drops unknown fields: what differs afterwards was misspelt.
      expect(schemas[tag]?.parse(value)).toEqual(value);
    },
  );

  it('show every type of frame at least once', () => {
    const shown = (tag: string): Set<unknown> =>
      new Set(examples.filter((one) => one.tag === tag).map(({ example }) => JSON.parse(example).type));
    expect(shown('client')).toEqual(new Set(typesOf(clientFrame)));
    expect(shown('server')).toEqual(new Set(typesOf(serverFrame)));
    expect(shown('upstream-command')).toEqual(new Set(typesOf(upstreamCommand)));
    expect(shown('upstream-event')).toEqual(new Set(typesOf(upstreamEvent)));
  });

  it('prove the instance with a signature that is good', () => {
    const text = blocks.find(({ language }) => language === 'http')?.text ?? '';
    const header = (name: string): string => new RegExp(`^${name}: (.+)$`, 'm').exec(text)?.[1] ?? '';
    const publicKey = blocks.find(({ language }) => language === 'public-key')?.text.trim() ?? '';
    const [instance = ''] = quoted(/For the instance .*$/m.exec(document)?.[0]);
    const signed = proofText({
      nonce: header(upstreamHeaders.challenge),
      instance,
      generation: Number(header(upstreamHeaders.generation)),
      session: header(upstreamHeaders.session),
    });
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: publicKey }, format: 'jwk' });
    const proof = Buffer.from(header(upstreamHeaders.proof), 'base64url');
    expect(verify(null, Buffer.from(signed), key, proof)).toBe(true);
  });
});

describe('the tables of PROTOCOL.md', () => {
  const told = ['at', 'elapsedMs', 'message'];
  const frames = document.split('### Edge to client');

  it('name every frame of a client with its fields', () => {
    expect(frameTable(frames[0])).toEqual(shapesOf(clientFrame));
    expect(typesOf(clientFrame)).toEqual([...clientFrameTypes]);
  });

  it('name every frame of an edge with its fields', () => {
    expect(frameTable(frames[1])).toEqual(shapesOf(serverFrame));
  });

  it('name every frame of an upstream with its fields', () => {
    const rows = table(document, 'from', 'type', 'fields', 'meaning');
    const from = (who: string): Record<string, string[]> =>
      Object.fromEntries(
        rows.filter((row) => row[0] === who).map((row) => [quoted(row[1])[0], quoted(row[2]).toSorted()]),
      );
    expect(from('edge')).toEqual(shapesOf(upstreamCommand));
    expect(from('service')).toEqual(shapesOf(upstreamEvent));
  });

  it('name every header of the upstream handshake', () => {
    const rows = table(document, 'header', 'value').map(([name]) => quoted(name)[0]);
    expect(rows).toEqual(expect.arrayContaining(Object.values(upstreamHeaders)));
    expect(rows.filter((name) => name?.startsWith('x-reveille-'))).toHaveLength(Object.keys(upstreamHeaders).length);
  });

  it('name every close code, its reason and whether a client may reconnect', () => {
    const rows = table(document, 'code', 'reason', 'reconnect', 'when');
    expect(rows.map(([code, reason, reconnect]) => [code, reason, reconnect])).toEqual(
      Object.values(closeCodes).map(({ code, reason, reconnect }) => [String(code), reason, reconnect ? 'yes' : 'no']),
    );
  });

  it('name every close code of an upstream', () => {
    const rows = table(document, 'code', 'reason', 'from', 'meaning');
    expect(rows.map(([code, reason]) => [code, reason])).toEqual(
      Object.values(upstreamCloseCodes).map(({ code, reason }) => [String(code), reason]),
    );
  });

  it('name every failure and every refusal', () => {
    const failures = table(document, 'code', 'may be retried', 'what the user reads');
    expect(failures).toEqual(
      Object.entries(failureCodes).map(([code, of]) => [`\`${code}\``, of.retryable ? 'yes' : 'no', of.public]),
    );
    const refusals = table(document, 'code', 'meaning');
    expect(refusals).toEqual(Object.entries(refusalCodes).map(([code, meaning]) => [`\`${code}\``, meaning]));
  });

  /** Fields by type; *told* stands for its three. */
  function frameTable(part = ''): Record<string, string[]> {
    return Object.fromEntries(
      table(part, 'type', 'fields', 'meaning').map(([type, fields = '']) => [
        quoted(type)[0],
        [...quoted(fields), ...(fields.includes('*told*') ? told : [])].toSorted(),
      ]),
    );
  }
});

type Frames = typeof clientFrame | typeof serverFrame | typeof upstreamCommand | typeof upstreamEvent;

function typesOf(frames: Frames): string[] {
  return frames.options.map(({ shape }) => shape.type.value);
}

/** Fields by type, those that may be absent with a `?`. */
function shapesOf(frames: Frames): Record<string, string[]> {
  return Object.fromEntries(
    frames.options.map(({ shape }) => {
      const { type, ...fields } = shape;
      const names = Object.entries<z.ZodType>(fields).map(([name, schema]) =>
        schema.safeParse(undefined).success ? `${name}?` : name,
      );
      return [type.value, names.toSorted()];
    }),
  );
}
