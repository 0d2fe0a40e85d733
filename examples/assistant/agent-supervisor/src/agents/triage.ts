import { createHash } from 'node:crypto';
import { quote } from '../wording/quote.ts';
import { RunFailure } from '../runs/run-failure.ts';
import type { UploadedFile } from '../runs/run-request.ts';
import type { StoredTable, TableSummary } from '../threads/thread-client.ts';
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
  /** The table to compare it with, when the question asks for a comparison; null when there is none. */
  baseline?: { name: string; content: string } | null;
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
  const chosen = namedIn(files, text)[0] ?? first(files);
  const others = files.filter((file) => file !== chosen);
  const rest =
    others.length === 0
      ? ''
      : ` The message brings ${others.length} more; name one of them in your next question to hear about it.`;
  context.say({ type: 'agent_thinking', agent: 'triage', text: `I work on the table ${quote(chosen.name)}.${rest}` });
  const baseline = asksToCompare(text) ? await baselineAmong(context, chosen, others) : undefined;
  return { ...chosen, others, ...(baseline === undefined ? {} : { baseline }) };
}

/** What to compare a table of this message with: another one of it, else an earlier one of the conversation. */
async function baselineAmong(
  context: AgentContext,
  chosen: UploadedFile,
  others: readonly UploadedFile[],
): Promise<{ name: string; content: string } | null> {
  const { text } = context.request.message;
  const sent = namedIn(others, text)[0] ?? others[0];
  if (sent !== undefined) return sent;
  return takeStep<StoredTable | null>(context, {
    agent: 'triage',
    tool: 'find_table',
    arguments: {},
    text: 'Looking for a table of this conversation to compare with.',
    work: async () => {
      // The same table sent again is nothing to compare with.
      const tables = (await context.threads.tables()).filter(({ hash }) => hash !== hashOf(chosen.content));
      const wanted = namedIn(tables, text)[0] ?? tables[0];
      return wanted === undefined ? null : context.threads.table(wanted.hash);
    },
    outcome: foundWords,
  });
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
      const named = namedIn(tables, text);
      const wanted: TableSummary | undefined = named[0] ?? tables[0];
      if (wanted === undefined) return undefined;
      const { content, ...stored } = await context.threads.table(wanted.hash);
      const chosen = { name: stored.name, type: stored.type, content, stored, others: [] };
      if (!asksToCompare(text)) return chosen;
      const other = named[1] ?? tables.find(({ hash }) => hash !== wanted.hash);
      return { ...chosen, baseline: other === undefined ? null : await context.threads.table(other.hash) };
    },
    outcome: (found) =>
      [found, found?.baseline]
        .flatMap((one) => (one === undefined || one === null ? [] : [foundWords(one)]))
        .join(' ') || foundWords(null),
  });
}

function foundWords(found: { name: string } | null): string {
  return found === null
    ? 'This conversation has no table for that.'
    : `Found ${quote(found.name)}, which you sent before.`;
}

/** The tables whose names the question mentions, in the order of the question. */
function namedIn<T extends { name: string }>(tables: readonly T[], question: string): T[] {
  const text = question.toLowerCase();
  const place = ({ name }: T): number => text.indexOf(name.toLowerCase());
  return tables.filter((table) => place(table) !== -1).sort((a, b) => place(a) - place(b));
}

const COMPARES =
  /\b(compar\w*|versus|vs|differs?|differen\w*|chang\w+ (since|from|against)|(table|file) before|previous (table|file|one)|than (the )?(table|file|one) before)\b/i;

function asksToCompare(question: string): boolean {
  return COMPARES.test(question);
}

/** As the thread service names tables. */
function hashOf(content: string): string {
  return createHash('sha256').update(content, 'utf8').digest('hex');
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
