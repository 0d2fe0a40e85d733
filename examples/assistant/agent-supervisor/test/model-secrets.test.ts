import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { ask, failed, startAssistant, type RunEvent } from './support/assistant.ts';
import { refuses, says, startModelServer } from './support/model-server.ts';
import { usageTable } from './support/usage-table.ts';

/** Creating the embedded database takes most of it. */
const TIMEOUT_MS = 180_000;
const KEY = 'sk-planted-4f1d"7c';

it(
  'the key of the language model is in no log, event or span, also when the server sends it back',
  { timeout: TIMEOUT_MS },
  async () => {
    const spans: Buffer[] = [];
    const collector = createServer(async (request, response) => {
      spans.push(await buffer(request));
      response.writeHead(200).end();
    }).listen(0, '127.0.0.1');
    await once(collector, 'listening');
    await using model = await startModelServer();
    const supervisorEnv = {
      ...{ OPENAI_BASE_URL: model.url, OPENAI_API_KEY: KEY, MODEL: 'tiny-1', LOG_LEVEL: 'trace' },
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(collector.address() as AddressInfo).port}`,
    };
    const assistant = await startAssistant({ supervisorEnv });
    const events: RunEvent[] = [];
    const files = [{ name: 'usage.csv', content: usageTable({ rows: 10, seed: 1 }) }];
    try {
      for (const [behaviour, code] of [
        [refuses(401, `Incorrect API key provided: ${KEY}`), 'model_key_refused'],
        [says({ content: `Your key is ${KEY}.` }), 'model_unsuitable_text'],
        [says({ calls: [['anomalies', JSON.stringify({ key: KEY })]] }), 'model_unsuitable_text'],
        [says({ calls: [[KEY, '{}']] }), 'model_unsuitable_text'],
        [says({ content: 'x' }, { id: KEY }), 'model_unsuitable_text'],
        [says({ content: 'x' }, { finish: KEY }), 'model_not_a_completion'],
      ] as const) {
        model.behave(behaviour);
        const said = await ask(assistant.supervisor.url, { text: 'Summary', files });
        expect(failed(said).code).toBe(code);
        // It was really sent.
        expect(model.authorizations[0]).toBe(`Bearer ${KEY}`);
        events.push(...said);
      }
    } finally {
      await assistant[Symbol.asyncDispose]();
      collector.close();
      collector.closeAllConnections();
    }
    const log = await assistant.supervisor.output;
    const traced = Buffer.concat(spans).toString('latin1');
    expect(log).toContain('model_key_refused');
    expect(traced).toContain('chat tiny-1');
    for (const place of [JSON.stringify(events), log, traced]) expect(place).not.toContain('sk-planted');
  },
);
