import { quote } from '../wording/quote.ts';
import { RunFailure } from '../runs/run-failure.ts';
import type { UploadedFile } from '../runs/run-request.ts';
import type { TableSummary } from '../threads/thread-client.ts';
import type { AgentContext } from './agent-context.ts';
import { takeStep } from './use-tool.ts';

/** The table that a run is about, and where it comes from. */
export interface ChosenTable {
  name: string;
  type: string;
  content: string;
  /** As the thread service keeps it; absent when it came with this message and is to be stored once it has been read. */
  stored?: TableSummary;
  /** Other tables sent with this message, to be stored beside it. */
  others: UploadedFile[];
}

/** Largest table that the services behind take, in UTF-8 bytes. */
export const MAX_TABLE_BYTES = 10 * 1024 * 1024;

/** Reads the question and finds the table that it is about: in the message, else in the conversation. Undefined when there is none. */
export async function triage(context: AgentContext): Promise<ChosenTable | undefined> {
  const { text, files } = context.request.message;
  context.say({ type: 'agent_started', agent: 'triage', text: 'Reading your question.' });
  if (files.length === 0) {
    context.say({
      type: 'agent_thinking',
      agent: 'triage',
      text: 'There is no table in this message, so I look for one in our conversation.',
    });
    return findEarlierTable(context);
  }
  for (const file of files) checkSize(file);
  const chosen = byName(files, text) ?? first(files);
  const others = files.filter((file) => file !== chosen);
  const rest =
    others.length === 0
      ? ''
      : ` The message brings ${others.length} more; name one of them in your next question to hear about it.`;
  context.say({ type: 'agent_thinking', agent: 'triage', text: `I work on the table ${quote(chosen.name)}.${rest}` });
  return { ...chosen, others };
}

async function findEarlierTable(context: AgentContext): Promise<ChosenTable | undefined> {
  const { text } = context.request.message;
  return takeStep(context, {
    agent: 'triage',
    tool: 'find_table',
    arguments: {},
    text: 'Looking through the tables of this conversation.',
    work: async (): Promise<ChosenTable | undefined> => {
      const tables = await context.threads.tables();
      const wanted: TableSummary | undefined = byName(tables, text) ?? tables[0];
      if (wanted === undefined) return undefined;
      const { content, ...stored } = await context.threads.table(wanted.hash);
      return { name: stored.name, type: stored.type, content, stored, others: [] };
    },
    outcome: (found) =>
      found === undefined
        ? 'This conversation has no table yet.'
        : `Found ${quote(found.name)}, which you sent before.`,
  });
}

/** The table whose name the question mentions. */
function byName<T extends { name: string }>(tables: readonly T[], question: string): T | undefined {
  const text = question.toLowerCase();
  return tables.find(({ name }) => text.includes(name.toLowerCase()));
}

function first(files: readonly UploadedFile[]): UploadedFile {
  const file = files[0];
  if (file === undefined) throw new Error('the message was seen to bring a file');
  return file;
}

function checkSize({ name, content }: UploadedFile): void {
  const bytes = Buffer.byteLength(content, 'utf8');
  if (content.trim() === '') {
    throw new RunFailure({
      code: 'empty_table',
      message: `The file ${quote(name)} is empty.`,
      advice: 'Send a table of AI usage with a header line and at least one row.',
      expected: 'a CSV or JSON table with rows',
      found: `${bytes} bytes without content`,
    });
  }
  if (bytes > MAX_TABLE_BYTES) {
    throw new RunFailure({
      code: 'too_large',
      message: `The file ${quote(name)} is larger than a table may be.`,
      advice: 'Send a shorter time span or fewer columns.',
      expected: `at most ${MAX_TABLE_BYTES} bytes (10 MiB)`,
      found: `${bytes} bytes`,
    });
  }
}
