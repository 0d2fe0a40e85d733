import { open } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { CliRefusal } from '../cli/refusal.ts';

/** A file as part of a message: its content is text. */
export type MessageFile = { name: string; type: string; content: string };

/** The largest `messageBytes` that a catalog may allow: what is larger can be refused before anybody is asked. */
export const mostMessageBytes = 134_217_728;

const types: Readonly<Record<string, string>> = {
  '.csv': 'text/csv',
  '.tsv': 'text/tab-separated-values',
  '.json': 'application/json',
  '.jsonl': 'application/x-ndjson',
  '.ndjson': 'application/x-ndjson',
  '.md': 'text/markdown',
  '.html': 'text/html',
  '.xml': 'application/xml',
  '.yaml': 'application/yaml',
  '.yml': 'application/yaml',
};

/** Reads the files of a message. @throws CliRefusal with every fault at once */
export async function readMessageFiles(paths: readonly string[]): Promise<MessageFile[]> {
  const files: MessageFile[] = [];
  const faults: string[] = [];
  for (const path of paths) {
    const read = await readMessageFile(path);
    if ('fault' in read) faults.push(`${path}: ${read.fault}`);
    else files.push(read);
  }
  if (faults.length > 0) throw new CliRefusal(`nothing was sent:\n${faults.join('\n')}`);
  return files;
}

async function readMessageFile(path: string): Promise<MessageFile | { fault: string }> {
  let bytes: Buffer;
  try {
    await using file = await open(path, 'r');
    const { size, ...stat } = await file.stat().then((found) => ({ size: found.size, isFile: found.isFile() }));
    if (!stat.isFile) return { fault: 'it is not a file' };
    if (size > mostMessageBytes)
      return { fault: `it has ${size} bytes; a message may have at most ${mostMessageBytes}, wherever it goes` };
    bytes = await file.readFile();
  } catch (error) {
    return { fault: systemWords(error as NodeJS.ErrnoException) };
  }
  try {
    const content = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return { name: basename(path), type: types[extname(path).toLowerCase()] ?? 'text/plain', content };
  } catch {
    // The decoder says only that it failed.
    return { fault: 'it is not text in UTF-8' };
  }
}

function systemWords(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'ENOENT':
      return 'there is no such file';
    case 'EACCES':
    case 'EPERM':
      return 'it may not be read';
    case 'EISDIR':
      return 'it is a folder';
    default:
      return error.message;
  }
}
