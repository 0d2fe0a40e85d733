import { createServer } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { onShutdown, serveSessions, serviceEnv } from '@reveille/service-kit';

/** Answers in the ways that services do: in the events of an assistant, as text, as any JSON, or by dying in the middle. */
const { port } = serviceEnv();
const chart =
  '<svg xmlns="http://www.w3.org/2000/svg" width="400" height="120" viewBox="0 0 400 120"><rect width="400" height="120" fill="#fff"/><path d="M10 110 120 60 250 80 390 12" fill="none" stroke="#2951bd" stroke-width="3"/></svg>';

const failure = {
  type: 'agent_failed',
  code: 'missing_columns',
  message: 'This table has no tokens.',
  expected: 'a column of input tokens',
  found: 'a, b',
  advice: 'Name the column.',
  trace_id: '0af7651916cd43dd8448eb211c80319c',
};

function resultOf(characters: number) {
  return {
    analysis_results: {
      totals: { requests: 2, inputTokens: characters, outputTokens: 1234567 },
      missing: [{ what: 'a column of costs', why: 'without it nothing can be said about money' }],
      charts: [{ title: 'Characters over time', svg: chart }],
    },
    insights: [
      {
        id: 'long',
        title: 'Your message is long',
        text: `It has **${characters}** characters.`,
        numbers: { characters },
        rows: [1, 2],
        rowsTotal: 5,
        source: { tool: 'count', call: 'call-1' },
      },
    ],
    recommendations: [],
    action_items: [],
    optimization_opportunities: [],
    engine: 'counter',
    language_model: null,
    trace_id: '0af7651916cd43dd8448eb211c80319c',
  };
}

const server = createServer((_, response) => response.end('ok'));
const sessions = serveSessions({
  server,
  path: '/session',
  async onSession(session) {
    for await (const { id, data } of session.messages) {
      const { text = '', files = [] } = data as { text?: string; files?: { name: string; content: string }[] };
      const say = (event: object, final = false) => session.emit({ run: id, ...event } as never, { re: id, final });
      const characters = text.length + files.reduce((sum, file) => sum + file.content.length, 0);
      if (text === 'as json')
        await session.emit({ any: ['thing', 1], text, deep: { is: true } }, { re: id, final: true });
      else if (text === 'as text') await session.emit('Plain *text* and <b>no HTML</b>.', { re: id, final: true });
      else {
        await say({ type: 'agent_started', agent: 'triage', text: 'Reading the message' });
        if (text === 'die') process.exit(1);
        await say({ type: 'agent_thinking', agent: 'triage', text: 'It is to be **counted**' });
        await say({
          type: 'tool_executing',
          agent: 'data',
          tool: 'count',
          call: 'call-1',
          text: 'Counting characters',
        });
        if (text === 'wait') continue;
        if (text === 'half') {
          await say({ type: 'tool_executing', call: 'call-1', percent: 40, text: 'Counted 4 of 10' });
          continue;
        }
        if (text === 'fail') {
          await say(failure, true);
          continue;
        }
        if (text.startsWith('wait ')) await setTimeout(Number(text.slice(5)));
        await say({
          type: 'tool_completed',
          agent: 'data',
          tool: 'count',
          call: 'call-1',
          durationMs: 12,
          text: 'Counted',
        });
        const report = `## Counted\n\nThere are **${characters} characters**, and <script>alert(1)</script> is text.\n\n| what | how many |\n| --- | ---: |\n| characters | ${characters} |\n`;
        await say({ type: 'agent_completed', agent: 'report', text: report, result: resultOf(characters) }, true);
      }
    }
  },
});
server.listen(port, '127.0.0.1');
onShutdown(async () => {
  await sessions[Symbol.asyncDispose]();
  server.close();
});
