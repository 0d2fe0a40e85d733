import { entrypoint } from '@reveille/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { foldText } from '../../src/content/fold-text.ts';
import { compileRules, type ContentRules, type Json } from '../../src/content/index.ts';

type Authenticity = Parameters<typeof compileRules>[0];

const engines = {
  compileRegex: (pattern: string) => {
    const compiled = new RegExp(pattern);
    return (text: string) => compiled.test(text);
  },
  compileSchema: (schema: Record<string, unknown>) => (value: unknown) => typeof value === schema.type,
};

function rulesOf(authenticity: unknown): ContentRules {
  const parsed = entrypoint.parse({ service: 'a', authenticity });
  return compileRules(parsed.authenticity satisfies Authenticity, engines);
}

function forbidding(...forbid: unknown[]): ContentRules {
  return rulesOf({ forbid });
}

const passes = { ok: true };

describe('a forbidden mark', () => {
  const rules = forbidding(
    { path: '$.agent', equals: 'FallbackAgentHandler' },
    { path: '$.text', startsWith: 'Agent processed your message:' },
    { path: '$', startsWith: 'Agent processed your message:' },
    { path: '$.parts[1].text', contains: 'degraded functionality' },
    { path: '$.code', matches: '^E\\d+$' },
  );

  test('blocks the frame and is named as the catalog has it', () => {
    expect(rules.check({ agent: 'FallbackAgentHandler' })).toEqual({
      ok: false,
      rule: 'forbid[0] equals',
      path: '$.agent',
    });
    expect(rules.check({ text: 'Agent processed your message: hi' })).toEqual({
      ok: false,
      rule: 'forbid[1] startsWith',
      path: '$.text',
    });
    expect(rules.check('agent processed your message: hi')).toEqual({
      ok: false,
      rule: 'forbid[2] startsWith',
      path: '$',
    });
    expect(rules.check({ parts: [{}, { text: 'We offer Degraded  functionality.' }] })).toEqual({
      ok: false,
      rule: 'forbid[3] contains',
      path: '$.parts[1].text',
    });
    expect(rules.check({ code: 'E42' })).toEqual({ ok: false, rule: 'forbid[4] matches', path: '$.code' });
  });

  test('may be quoted where a stand-in would not show', () => {
    expect(
      rules.check({
        agent: 'analyst',
        text: 'You wrote "Agent processed your message: hi"',
        quote: 'FallbackAgentHandler',
      }),
    ).toEqual(passes);
    expect(rules.check(['FallbackAgentHandler'])).toEqual(passes);
    expect(rules.check({ parts: [{ text: 'degraded functionality' }] })).toEqual(passes);
    expect(rules.check(null)).toEqual(passes);
  });

  test.each([
    ['case', 'FALLBACKagenthandler'],
    ['surrounding white space', '\n\u00a0 FallbackAgentHandler\t'],
    ['full-width letters', 'ＦａｌｌｂａｃｋAgentHandler'],
    ['a zero-width space', 'Fallback\u200bAgentHandler'],
    ['a soft hyphen', 'Fallback\u00adAgentHandler'],
    ['a byte order mark', '\ufeffFallbackAgentHandler'],
    ['a word joiner and a variation selector', 'Fall\u2060back\ufe0fAgentHandler'],
    ['a bidirectional control', '\u202eFallbackAgentHandler\u202c'],
    ['a tag character', 'Fallback\u{e0041}AgentHandler'],
    ['a Hangul filler', 'Fallback\u3164Agent\uffa0Handler'],
    ['a NUL', 'Fallback\u0000AgentHandler'],
    ['the long s and the Kelvin sign', 'Fallbac\u212aAgentHandler'],
    ['mathematical letters', '𝐅𝐚𝐥𝐥𝐛𝐚𝐜𝐤AgentHandler'],
  ])('is found in spite of %s', (_what, agent) => {
    expect(rules.check({ agent })).toMatchObject({ ok: false });
  });

  test('is found whatever invisible characters and cases it is written with', () => {
    const invisible = fc.string({
      unit: fc.constantFrom('\u200b', '\u200c', '\u200d', '\u2060', '\ufeff', '\u00ad', '\u180e', '\u034f', '\u0007'),
    });
    const mark = 'Agent processed your message:';
    const disguised = fc
      .tuple(
        ...[...mark].map((letter) =>
          fc
            .tuple(fc.boolean(), invisible)
            .map(([upper, hidden]) => hidden + (upper ? letter.toUpperCase() : letter.toLowerCase())),
        ),
      )
      .map((letters) => letters.join(''));
    fc.assert(
      fc.property(
        disguised,
        fc.string(),
        (text, rest) => void expect(rules.check({ text: text + rest }).ok).toBe(false),
      ),
    );
  });

  test('is compared with numbers and truth as JSON writes them', () => {
    const flags = forbidding({ path: '$.emergency', equals: 'true' }, { path: '$.level', equals: '3' });
    expect(flags.check({ emergency: true })).toMatchObject({ ok: false });
    expect(flags.check({ level: 3 })).toMatchObject({ ok: false });
    expect(flags.check({ emergency: false, level: 30 })).toEqual(passes);
    expect(flags.check({ emergency: ['true'] })).toEqual(passes);
  });
});

describe('a path', () => {
  test('sees own properties and list elements, nothing that is inherited', () => {
    for (const path of [
      '$.constructor',
      '$.toString',
      '$.__proto__',
      '$.list.length',
      '$.text.length',
      '$.list.at',
      '$.text[0]',
      '$.object[0]',
    ])
      expect(forbidding({ path, exists: true }).check({ list: [1], text: 'abc', object: { 0: 1 } })).toEqual(passes);
    const own = JSON.parse('{"__proto__":{"agent":"x"},"constructor":"x"}') as Json;
    expect(forbidding({ path: '$.__proto__.agent', exists: true }).check(own)).toMatchObject({ ok: false });
    expect(forbidding({ path: '$.constructor', equals: 'x' }).check(own)).toMatchObject({ ok: false });
  });

  test('that is absent or null does not exist', () => {
    const there = forbidding({ path: '$.a.b[0]', exists: true });
    const missing = forbidding({ path: '$.a.b[0]', exists: false });
    for (const data of [
      null,
      'text',
      7,
      [],
      {},
      { a: null },
      { a: { b: [] } },
      { a: { b: [null] } },
      { a: { b: { 0: 1 } } },
    ] satisfies Json[]) {
      expect(there.check(data)).toEqual(passes);
      expect(missing.check(data)).toMatchObject({ ok: false, rule: 'forbid[0] exists' });
    }
    for (const element of [0, '', false, [], {}] satisfies Json[]) {
      expect(there.check({ a: { b: [element] } })).toMatchObject({ ok: false });
      expect(missing.check({ a: { b: [element] } })).toEqual(passes);
    }
  });
});

describe('a requirement', () => {
  const rules = rulesOf({
    require: [
      {
        when: { path: '$.type', equals: 'agent_completed' },
        anyOf: [
          { path: '$.result.recommendations', exists: true },
          { path: '$.result.insights', exists: true },
        ],
      },
    ],
  });

  test('lets a frame pass that has one of what is wanted', () => {
    expect(rules.check({ type: 'agent_completed', result: { insights: ['a'] } })).toEqual(passes);
  });

  test('blocks one that has none, or only says so with null', () => {
    const blocked = { ok: false, rule: 'require[0] anyOf', path: '$.type' };
    expect(rules.check({ type: 'agent_completed', result: {} })).toEqual(blocked);
    expect(rules.check({ type: 'Agent_Completed ', result: { insights: null } })).toEqual(blocked);
  });

  test('does not concern frames that it does not speak of', () => {
    expect(rules.check({ type: 'agent_thinking' })).toEqual(passes);
    expect(rules.check('agent_completed')).toEqual(passes);
  });

  test('without a condition concerns every frame', () => {
    const always = rulesOf({ require: [{ anyOf: [{ path: '$.run', exists: true }] }] });
    expect(always.check({ run: 1 })).toEqual(passes);
    expect(always.check('text')).toEqual({ ok: false, rule: 'require[0] anyOf', path: '$' });
  });

  test('may be a schema', () => {
    const schema = rulesOf({ forbid: [{ schema: { type: 'number' } }], require: [{ schema: { type: 'object' } }] });
    expect(schema.check({})).toEqual(passes);
    expect(schema.check(3)).toEqual({ ok: false, rule: 'forbid[0] schema', path: '$' });
    expect(schema.check('x')).toEqual({ ok: false, rule: 'require[0] schema', path: '$' });
  });
});

test('an entrypoint without rules lets everything pass', () => {
  const rules = rulesOf({});
  expect(rules.size).toBe(0);
  fc.assert(fc.property(fc.jsonValue(), (data) => void expect(rules.check(data as Json)).toEqual(passes)));
});

test('checking neither throws on nor changes any frame', () => {
  const rules = rulesOf({
    forbid: [
      { path: '$.a[0].b', equals: 'x' },
      { path: '$', contains: 'never in a frame' },
      { path: '$.a', matches: '^never$' },
    ],
    require: [{ when: { path: '$.a.b', equals: 'x' }, anyOf: [{ path: '$.c', exists: true }] }],
  });
  fc.assert(
    fc.property(fc.jsonValue(), (data) => {
      const before = JSON.stringify(data);
      rules.check(data as Json);
      expect(JSON.stringify(data)).toBe(before);
    }),
  );
});

test('the verdict is that of the rules one by one, in the order of the catalog', () => {
  const paths = ['$', '$.a', '$.b', '$.a.b[0]'];
  const marks = ['mark', 'Mark Two', 'two', 'ß'];
  const kinds = ['equals', 'startsWith', 'contains'] as const;
  const rule = fc
    .tuple(fc.constantFrom(...paths), fc.constantFrom(...kinds), fc.constantFrom(...marks))
    .map(([path, kind, mark]) => ({ path, kind, mark, condition: { path, [kind]: mark } }));
  const said = fc.oneof(
    fc.constantFrom(
      '',
      'MARK',
      ' mark  two',
      'well, two',
      'a\u200bmark',
      'm\u200bark',
      'SS',
      'nothing',
      'no marks',
      'é two',
    ),
    fc.integer(),
  );
  const frame = fc.oneof(said, fc.record({ a: fc.oneof(said, fc.record({ b: fc.array(said) })), b: said }));
  const at = (data: unknown, path: string): unknown =>
    path === '$'
      ? data
      : path === '$.a.b[0]'
        ? (data as { a?: { b?: unknown[] } }).a?.b?.[0]
        : (data as Record<string, unknown>)[path.slice(2)];
  const meets = {
    equals: (text: string, mark: string) => text === mark,
    startsWith: (text: string, mark: string) => text.startsWith(mark),
    contains: (text: string, mark: string) => text.includes(mark),
  };
  fc.assert(
    fc.property(fc.array(rule, { minLength: 1, maxLength: 6 }), frame, (all, data) => {
      const broken = all.findIndex(({ path, kind, mark }) => {
        const value = at(data, path);
        const isText = typeof value === 'string' || typeof value === 'number';
        return isText && meets[kind](foldText(String(value)), foldText(mark));
      });
      const { kind, path } = all[broken] ?? {};
      const expected = broken < 0 ? passes : { ok: false, rule: `forbid[${broken}] ${kind}`, path };
      expect(forbidding(...all.map(({ condition }) => condition)).check(data as Json)).toEqual(expected);
    }),
    { numRuns: 500 },
  );
});
