import { join } from 'node:path';
import { compileRegex, compileSchema, readCatalog } from '@reveille/catalog';
import { entrypointName } from '@reveille/contracts';
import { compileRules, type ContentRules, type Json } from '@reveille/orchestration';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startAssistant } from '../../src/assistant/assistant.ts';
import { startModelServer } from '../../src/assistant/model-server.ts';
import { type Message, type RunEvent, User } from '../../src/assistant/user.ts';
import type { Cluster } from '../../src/cluster.ts';
import { realTable } from '../../src/usage-table.ts';

const catalogFile = join(import.meta.dirname, '../../../examples/assistant/reveille.yaml');

const names = [
  'FallbackAgentHandler',
  'ChatAgent',
  'response_generator',
  'EmergencyWebSocketManager',
  'emergency_mode',
];
const openings = ['Agent processed your message:', 'Processing your message:'];
const phrase = 'degraded functionality';

/** Rules compare without regard to case, surrounding space and what shows nothing. */
const disguises = (mark: string): string[] => [
  mark,
  mark.toUpperCase(),
  `\u00a0 ${mark}\n`,
  `${mark[0]}\u200b${mark.slice(1)}`,
];

let rules: ContentRules;
beforeAll(async () => {
  const { catalog } = await readCatalog(catalogFile);
  const chat = catalog.entrypoints[entrypointName.parse('chat')];
  if (chat === undefined) throw new Error('the catalog of the assistant has no chat');
  rules = compileRules(chat.authenticity, { compileRegex, compileSchema });
});

describe('the content rules of the assistant block', () => {
  const passes = (data: Json): boolean => rules.check(data).ok;

  test.each(['type', 'agent', 'handler', 'source', 'mode'])('every name of a stand-in as %s', (field) => {
    for (const mark of names.flatMap(disguises)) expect(passes({ type: 'x', [field]: mark }), mark).toBe(false);
    for (const name of names) expect(passes({ [field]: `not ${name}` })).toBe(true);
  });

  test.each<[string, (text: string) => Json]>([
    ['text', (text) => ({ type: 'x', text })],
    ['content', (content) => ({ type: 'x', content })],
    ['message', (message) => ({ type: 'x', message })],
    ['bare string', (text) => text],
  ])('every sentence of a stand-in as %s', (_name, frame) => {
    for (const mark of openings.flatMap(disguises)) {
      expect(passes(frame(mark)), mark).toBe(false);
      expect(passes(frame(`${mark} hello`)), mark).toBe(false);
    }
    for (const mark of disguises(phrase)) expect(passes(frame(`Sorry, ${mark}.`)), mark).toBe(false);
    expect(passes(frame('The log said "Agent processed your message:".'))).toBe(true);
    expect(passes(frame('Functionality is not degraded.'))).toBe(true);
  });

  test('an answer without anything that an analysis has', () => {
    const completed = (result: Json): Json => ({ type: 'agent_completed', agent: 'report', text: 'Done.', result });
    const sections = [
      ...['cost_optimization', 'data_analysis', 'recommendations', 'insights', 'action_items'],
      ...['analysis_results', 'optimization_opportunities'],
    ];
    for (const section of sections) expect(passes(completed({ [section]: {} })), section).toBe(true);
    for (const result of [{}, null, 'Done.', [], { recommendations: null }])
      expect(passes(completed(result))).toBe(false);
    expect(passes({ type: 'agent_completed', text: 'Done.' })).toBe(false);
  });
});

/** Tables and questions of people who rightly have these words in them. */
const hostileWords = [
  ...names,
  ...openings,
  phrase,
  `de\u200bgraded functional\u00adity`,
  'ｄｅｇｒａｄｅｄ  Functionality',
];
const tagged = (word: string): string =>
  [
    'time,model,feature,input_tokens,output_tokens',
    `2024-01-01T00:00:00Z,"${word}","${word}",10,5`,
    '2024-01-01T00:01:00Z,m,f,30,5',
  ].join('\n');
/** A column name that a tool quotes within what it says is missing. */
const summed = (word: string): string =>
  `"num requests ${word}","time ${word}",input_tokens,output_tokens\n7,x,1,2\n9,y,3,4\n`;
const models = hostileWords.map((word) => ({ model: word, inputPerMillion: 1, outputPerMillion: 2 }));
/** Ten days, so that seasons, charts and the progress of long tools have their say too. */
const tenDays = ['Datum;Uhrzeit;Modell;Kosten;input_tokens;output_tokens;prompt_hash;latency_ms']
  .concat(
    Array.from({ length: 60_000 }, (_, row) => {
      const at = new Date(Date.UTC(2024, 0, 1) + row * 14_400);
      const clock = at.toISOString().slice(11, 19);
      return `${at.getUTCDate()}.01.2024;${clock};${names[row % 5]};0,0${row % 9};${row % 4000};${row % 90};h${row % 777};${row % 3000}`;
    }),
  )
  .join('\r\n');
const corpus: Message[] = [
  { text: 'Where do the tokens go?' },
  ...[realTable()].flatMap((real) => (real === undefined ? [] : [{ text: 'Give me a summary', files: [real.file] }])),
  ...hostileWords.flatMap((word): Message[] => [
    { text: word },
    { text: `Why does it say "${word}"? Summary!`, files: [{ name: word, content: tagged(word) }] },
    { text: `Compare with "${word}", the table before`, files: [{ name: 'other.csv', content: tagged(word) + '\n' }] },
    { text: 'And by feature, with costs?', prices: { inputPerMillion: 1, outputPerMillion: 2, currency: '$' } },
    { text: 'Summary', files: [{ name: word, content: `${word},b\n1,2\n` }] },
    { text: 'Summary', files: [{ name: word, content: word }] },
    { text: 'Summary', files: [{ name: 'sums.csv', content: summed(word) }] },
    { text: 'Summary', files: [{ name: 'tag.csv', content: `"${word}",input_tokens,output_tokens\nx,1,2\ny,3,4\n` }] },
  ]),
  { text: `Summary of ${phrase}`, files: [{ name: 'ten-days.csv', content: tenDays }] },
  { text: 'What could be saved?', prices: { inputPerMillion: 9, outputPerMillion: 9, models } },
  {
    text: 'Summary',
    files: [{ name: 'usage.json', content: '[{"prompt_tokens": 3, "completion_tokens": 4, "cost": 0.1}]' }],
  },
  { text: 'Summary', files: [{ name: 'empty.csv', content: '' }] },
];

describe('the content rules of the assistant let pass', () => {
  let cluster: Cluster;
  beforeAll(async () => void (cluster = await startAssistant()), 180_000);
  afterAll(async () => cluster?.[Symbol.asyncDispose]());

  test(
    'all that it really says, also about tables and questions with the words of stand-ins in them',
    { timeout: 180_000 },
    async () => {
      const ann = await User.at(cluster, 'ann');
      const endings: string[] = [];
      for (const message of corpus) {
        const events: RunEvent[] = await ann.ask(message);
        for (const event of events) expect(rules.check(event as unknown as Json), event.text).toEqual({ ok: true });
        endings.push(events.at(-1)?.type ?? 'nothing');
      }
      // A blocked frame would have ended the session with an error.
      expect(ann.of('error')).toEqual([]);
      expect(new Set(endings)).toEqual(new Set(['agent_completed', 'agent_failed']));
    },
  );
});

test(
  'the content rules of the assistant let pass what a language model wrote, and what says that its text is not shown',
  { timeout: 300_000 },
  async () => {
    await using model = await startModelServer();
    await using cluster = await startAssistant({ env: { OPENAI_BASE_URL: model.url, MODEL: 'tiny-1' } });
    const ann = await User.at(cluster, 'ann');
    const endings: Record<string, string> = {};
    for (const word of hostileWords) {
      model.write(`The feature \`${word}\` sent **10** of 40 input tokens.`);
      const events = await ann.ask({ text: `Why "${word}"?`, files: [{ name: word, content: tagged(word) }] });
      for (const event of events) expect(rules.check(event as unknown as Json), event.text).toEqual({ ok: true });
      const last = events.at(-1);
      endings[word] = last?.result?.language_model ?? String((last as unknown as { code?: string }).code);
    }
    expect(ann.of('error')).toEqual([]);
    // Names are quoted as they are; only the phrase, which no answer may hold anywhere, is asked to be said in other words.
    const unsaid = new Set(hostileWords.slice(hostileWords.indexOf(phrase)));
    const expected = hostileWords.map((word) => [word, unsaid.has(word) ? 'model_unsuitable_text' : 'tiny-1']);
    expect(endings).toEqual(Object.fromEntries(expected));
  },
);
